import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manifestBeside, takeBackup } from '../../support/archives.ts'
import { proofFolder, verifyAll } from '../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { tamper } from '../../support/tamper.ts'

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>
let archive: string

beforeAll(async () => {
  server = await startPostgres()
  folder = proofFolder()
  await server.createDatabase('many')
  const tables = Array.from({ length: 30 }, (_, n) => `CREATE TABLE t${n} (a integer, b text)`)
  await server.sql('many', tables.join(';'))
}, 120_000)

afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

/** What a proof says of an archive whose dump was changed by somebody who mended its hash. */
async function reasonsFor(change: (text: string) => string): Promise<readonly string[]> {
  archive = await takeBackup(server, folder, { database: 'many' })
  tamper(archive, { dump: change })
  const { outcomes } = await verifyAll(server, folder)
  return outcomes[0]?.reasons.map(({ name, text }) => `${name}: ${text}`) ?? []
}

const COUNTED = 'null: 60 statements, but not the ones that are expected'
const UNDUMPED = 'it was not dumped so: it is another one, or was added'

describe('an archive in which one statement of 60 was changed', { timeout: 120_000 }, () => {
  test('FM156 is what was dumped no more, and the table is named, whether it loads or not', async () => {
    const loads = await reasonsFor(text =>
      text.replace('TABLE public.t7 (\n    a integer', 'TABLE public.t7 (\n    a bigint'),
    )
    const { count, beginnings = '' } = manifestBeside(archive).fingerprint.statements
    const loadsNot = await reasonsFor(text =>
      text.replace('TABLE public.t7 (\n    a integer', 'TABLE public.t7 (\n    a nothing'),
    )

    expect({ count, bytes: Buffer.from(beginnings, 'base64').length }).toEqual({ count: 60, bytes: 240 })
    expect(loads).toEqual([COUNTED, `TABLE public.t7: ${UNDUMPED}`])
    expect(loadsNot.slice(0, 2)).toEqual([COUNTED, `TABLE public.t7: ${UNDUMPED}`])
    expect(loadsNot).toHaveLength(3)
  })

  test('FM156 names no more than ten, and counts the others', async () => {
    const reasons = await reasonsFor(text => text.replaceAll('    b text\n', '    b varchar\n'))

    expect(reasons).toHaveLength(12)
    expect(reasons.at(-1)).toBe('null: 20 more statements were not dumped so')
  })
})
