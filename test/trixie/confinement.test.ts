import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../src/sources/postgres/connection/connection.ts'
import { confinementText } from '../../src/sources/postgres/scratch/confinement.ts'
import { type ScratchServer, startScratchServer } from '../../src/sources/postgres/scratch/scratch-server.ts'
import { backupFolder } from '../support/backup-program.ts'
import { scratchInput } from '../support/scratch.ts'
import { pathWithoutLandlock } from '../support/stand-in-tools.ts'

const patience = (): AbortSignal => AbortSignal.timeout(60_000)
const SECRET = 'the password of every database'

/** What code would do that runs as the server, here a superuser's: `done` tells whether it came to something. */
interface Attack {
  readonly sql: (at: { readonly file: string; readonly folder: string; readonly pid: number }) => string
  readonly done: (rows: string, folder: string) => boolean
}

const seesSecret = (rows: string): boolean => rows.includes(SECRET)
const ATTACKS: Readonly<Record<string, Attack>> = {
  'reads the environment of another process': {
    sql: ({ pid }) => `SELECT encode(pg_read_binary_file('/proc/${pid}/environ', 0, 20000), 'escape') AS read`,
    done: seesSecret,
  },
  'reads where the memory of another process lies': {
    sql: ({ pid }) => `SELECT pg_read_file('/proc/${pid}/maps', 0, 20000) AS read`,
    done: rows => rows.includes('r-xp'),
  },
  'reads a file of this user': { sql: ({ file }) => `SELECT pg_read_file('${file}') AS read`, done: seesSecret },
  'copies a file of this user': {
    sql: ({ file }) => `CREATE TEMP TABLE stolen (line text); COPY stolen FROM '${file}'; SELECT * FROM stolen`,
    done: seesSecret,
  },
  'imports a file of this user': {
    sql: ({ file }) => `SELECT lo_import('${file}', 71); SELECT convert_from(lo_get(71), 'UTF8')`,
    done: seesSecret,
  },
  'lists a folder of this user': {
    sql: ({ folder }) => `SELECT pg_ls_dir('${folder}') AS read`,
    done: rows => rows.includes('secret'),
  },
  'writes a file': {
    sql: ({ folder }) => `COPY (SELECT 'mine') TO '${folder}/written'`,
    done: (_, folder) => existsSync(`${folder}/written`),
  },
  'writes over a file of this user': {
    sql: ({ folder }) => `SELECT lo_from_bytea(72, 'mine'); SELECT lo_export(72, '${folder}/archive')`,
    done: (_, folder) => readFileSync(`${folder}/archive`, 'utf8') === 'mine',
  },
  'runs a program': {
    sql: ({ folder }) => `COPY (SELECT 1) TO PROGRAM 'touch ${folder}/touched'`,
    done: (_, folder) => existsSync(`${folder}/touched`),
  },
  'reads what a program says': {
    sql: ({ pid }) =>
      `CREATE TEMP TABLE said (line text); COPY said FROM PROGRAM 'tr "\\0" "\\n" </proc/${pid}/environ'; SELECT * FROM said`,
    done: seesSecret,
  },
}

interface Stage extends AsyncDisposable {
  readonly server: ScratchServer
  readonly admin: Connection
  readonly folder: string
  readonly pid: number
}

/** A scratch server; beside it a process of the same user that carries a secret, and files of that user. */
async function startStage(landlock: 'with' | 'without'): Promise<Stage> {
  await using cleanup = new AsyncDisposableStack()
  const backups = cleanup.use(backupFolder())
  const folder = backups.volume
  writeFileSync(`${folder}/secret`, SECRET, { mode: 0o600 })
  writeFileSync(`${folder}/archive`, 'an archive', { mode: 0o600 })
  const input = await scratchInput(backups.path)
  const env = landlock === 'with' ? input.env : { ...input.env, PATH: pathWithoutLandlock(backups) }
  const server = cleanup.use(await startScratchServer({ ...input, env }, patience()))
  const admin = cleanup.use(
    await connect(server.target('postgres'), { env: {}, applicationName: 'attack' }, AbortSignal.timeout(600_000)),
  )
  const carrier: ChildProcess = spawn('sleep', ['3600'], { env: { ...process.env, SECRET }, stdio: 'ignore' })
  cleanup.defer(() => void carrier.kill())
  const moved = cleanup.move()
  return { server, admin, folder, pid: carrier.pid ?? 0, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

async function attempt({ sql, done }: Attack, { admin, folder, pid }: Stage) {
  const outcome = { done: false, refusal: '' }
  try {
    let rows: readonly object[] = []
    for (const statement of sql({ file: `${folder}/secret`, folder, pid }).split('; '))
      rows = await admin.query(statement)
    return { ...outcome, done: done(JSON.stringify(rows), folder) }
  } catch (error) {
    return { done: done('', folder), refusal: String(error) }
  }
}

describe('code that runs as the scratch server, under Landlock', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage('with')
  })
  afterAll(() => stage?.[Symbol.asyncDispose]())

  test('is confined, and that is said', () => {
    expect(confinementText(stage.server.confinement)).toBe('confinement: files and processes (Landlock)')
  })

  test.each(Object.keys(ATTACKS))('FM116 gets nothing: %s', async name => {
    const outcome = await attempt(ATTACKS[name] as Attack, stage)

    expect(outcome).toEqual({ done: false, refusal: expect.stringContaining('Permission denied') })
    expect(readFileSync(`${stage.folder}/archive`, 'utf8')).toBe('an archive')
  })

  test('FM116 gets nothing: reads the environment of the program that started it', async () => {
    const attack = ATTACKS['reads the environment of another process'] as Attack

    const outcome = await attempt({ ...attack, done: rows => rows.includes('PATH') }, { ...stage, pid: process.pid })

    expect(outcome).toEqual({ done: false, refusal: expect.stringContaining('Permission denied') })
  })

  test('FM116 gets nothing: loads a library, and runs a program, that it wrote into its own folder', async () => {
    const program = path.join(stage.server.dataFolder, 'program')
    const bytes = readFileSync('/usr/bin/true').toString('hex')
    await stage.admin.query(`SELECT lo_from_bytea(73, '\\x${bytes}')`)
    await stage.admin.query(`SELECT lo_export(73, '${program}')`)
    chmodSync(program, 0o700)

    const run = attempt({ sql: () => `COPY (SELECT 1) TO PROGRAM '${program}'`, done: () => false }, stage)
    const load = attempt({ sql: ({ file }) => `LOAD '${file}'`, done: () => false }, stage)

    expect((await run).refusal).toContain('Permission denied')
    expect((await load).refusal).not.toBe('')
  })
})

describe('code that runs as the scratch server, without Landlock', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage('without')
  })
  afterAll(() => stage?.[Symbol.asyncDispose]())

  test('FM117 is not confined, and that is said', () => {
    expect(confinementText(stage.server.confinement)).toMatch(/^confinement: open \(setpriv knows no Landlock/)
  })

  // What the tests above show is worth something only if these attacks work otherwise.
  test.each(Object.keys(ATTACKS))('gets what it wants: %s', async name => {
    expect(await attempt(ATTACKS[name] as Attack, stage)).toEqual({ done: true, refusal: '' })
  })
})
