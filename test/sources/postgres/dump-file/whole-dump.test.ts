import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { holdsWholeDump } from '../../../../src/sources/postgres/dump-file/whole-dump.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'whole-dump-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ROLES =
  '--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE app;\n--\n-- PostgreSQL database cluster dump complete\n--\n'
const DUMP =
  'CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\nx\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n'

let count = 0
function gzipFile(bytes: Buffer): string {
  count += 1
  const file = path.join(folder, `${count}.sql.gz`)
  writeFileSync(file, bytes)
  return file
}

const signal = new AbortController().signal

describe('an archive of the bash tool', () => {
  test.each([
    ['roles before the dump', gzipSync(ROLES + DUMP)],
    ['roles behind the dump', gzipSync(DUMP + ROLES)],
    ['two gzip members', Buffer.concat([gzipSync(ROLES), gzipSync(DUMP)])],
  ])('with %s is a whole dump', async (_, bytes) => {
    const whole = await holdsWholeDump(gzipFile(bytes), signal)

    expect(whole).toBe(true)
  })

  test.each([
    ['roles only, as a wrong password leaves it', gzipSync(ROLES)],
    ['nothing', gzipSync('')],
    ['no bytes at all', Buffer.alloc(0)],
    ['a gzip file that was cut', gzipSync(ROLES + DUMP).subarray(0, -20)],
    ['a dump that was cut before compression', gzipSync((ROLES + DUMP).slice(0, -60))],
    ['a trailer within the data only', gzipSync('COPY t (a) FROM stdin;\n-- PostgreSQL database dump complete\n\\.\n')],
    ['a trailer within a string only', gzipSync("SELECT '\n-- PostgreSQL database dump complete\n';\n")],
    ['no gzip', Buffer.from(DUMP)],
  ])('FM87 with %s is none', async (_, bytes) => {
    const whole = await holdsWholeDump(gzipFile(bytes), signal)

    expect(whole).toBe(false)
  })

  test('that is not there is an error, not a bad backup', async () => {
    const missing = holdsWholeDump(path.join(folder, 'missing.sql.gz'), signal)

    await expect(missing).rejects.toMatchObject({ kind: 'volume' })
  })
})
