import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { toolEnvironment } from '../../../../src/sources/postgres/client-tools/tool-environment.ts'
import { connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { requireScratchSpace } from '../../../../src/sources/postgres/scratch/scratch-place.ts'
import { startScratchServer } from '../../../../src/sources/postgres/scratch/scratch-server.ts'
import { operatorError } from '../../../support/failure.ts'
import { descendantsOf } from '../../../support/processes.ts'
import { scratchInput, type VerificationDir, verificationDir } from '../../../support/scratch.ts'
import { untilTrue } from '../../../support/until-true.ts'

const patience = (): AbortSignal => AbortSignal.timeout(120_000)
const OPTIONS = { env: {}, applicationName: 'scratch test' }

let folder: VerificationDir | undefined

afterEach(() => folder?.[Symbol.dispose]())

function makeFolder(): string {
  folder = verificationDir()
  return folder.path
}

function postmasters(dir: string) {
  return descendantsOf(process.pid).filter(({ commandLine }) => commandLine.includes(`-D ${dir}`))
}

describe('a scratch server', () => {
  test('FM73 answers on a private socket only, and leaves nothing behind', async () => {
    const dir = makeFolder()
    const input = await scratchInput(dir)
    const seen = await (async () => {
      await using server = await startScratchServer(input, patience())
      await using session = await connect(server.target('postgres'), OPTIONS, patience())
      const [row] = await session.query<Record<string, string>>(
        `SELECT current_setting('listen_addresses') AS addresses, current_setting('fsync') AS fsync,
                trim('"' FROM current_setting('unix_socket_directories')) AS socket, current_setting('is_superuser') AS superuser,
                current_setting('server_encoding') AS encoding, current_setting('data_directory') AS data`,
      )
      const [hba] = await session.query<{ auth: string }>(
        "SELECT string_agg(concat_ws(' ', type, auth_method), ', ') AS auth FROM pg_hba_file_rules",
      )
      const modes = [row?.socket, row?.data, server.folder].map(name => statSync(name ?? '').mode & 0o777)
      return { row, hba, modes, processes: postmasters(dir).length, names: folder?.names() }
    })()

    expect(seen.row).toMatchObject({ addresses: '', fsync: 'off', superuser: 'on', encoding: 'UTF8' })
    expect(seen.hba).toEqual({ auth: 'local scram-sha-256' })
    expect(seen.modes).toEqual([0o700, 0o700, 0o700])
    expect(seen.processes).toBe(1)
    expect(seen.names?.length).toBe(2)
    expect(folder?.names()).toEqual([])
    expect(existsSync(seen.row?.socket ?? '')).toBe(false)
    expect(postmasters(dir)).toEqual([])
  })

  test('FM77 has a superuser that no archive can name, and refuses a wrong password', async () => {
    await using server = await startScratchServer(await scratchInput(makeFolder()), patience())
    const { user, ...target } = server.target('postgres')

    const other = await startScratchServer(await scratchInput(folder?.path ?? ''), patience())
    const otherName = other.target('postgres').user
    const crossed = await operatorError(
      connect({ ...target, user, password: other.target('postgres').password }, OPTIONS, patience()),
    )
    await other[Symbol.asyncDispose]()

    expect(user).toMatch(/^backup_scratch_[0-9a-f]{24}$/)
    expect(otherName).not.toBe(user)
    expect(crossed.kind).toBe('authentication')
  })

  test('FM12 hands no secret and no PG variable to its own process or to those that work on it', async () => {
    const input = await scratchInput(makeFolder())
    const env = { ...input.env, DATABASE_PASSWORD: 'planted', PGPASSWORD: 'planted', PGSSLMODE: 'verify-full' }

    await using server = await startScratchServer({ ...input, env }, patience())
    const [postmaster] = postmasters(folder?.path ?? '')
    const environment = readFileSync(`/proc/${postmaster?.pid}/environ`, 'utf8')
    const tool = toolEnvironment(server.target('x'), { env: server.env, applicationName: 'x', clientEncoding: 'UTF8' })

    expect(environment).not.toContain('planted')
    expect(postmaster?.commandLine).not.toContain(server.target('x').password.reveal())
    expect(JSON.stringify(server.env)).not.toContain('planted')
    expect(tool.PGSSLMODE).toBe('disable')
  })

  test('tells at once when its process has died', async () => {
    await using server = await startScratchServer(await scratchInput(makeFolder()), patience())
    const [postmaster] = postmasters(folder?.path ?? '')

    process.kill(postmaster?.pid ?? 0, 'SIGKILL')
    await untilTrue(() => server.exited.aborted)

    expect(server.exited.reason).toMatchObject({ kind: 'server' })
    expect(String(server.exited.reason)).toContain('it ended with SIGKILL')
  })

  test('FM73 fails at once, with its last words for the log, when it can not start', async () => {
    const input = await scratchInput(makeFolder())
    const broken = path.join(folder?.path ?? '', 'broken-postgres')
    writeFileSync(broken, '#!/bin/sh\necho "FATAL: the planted words" >&2\nexit 3\n', { mode: 0o755 })

    const started = startScratchServer({ ...input, binaries: { ...input.binaries, postgres: broken } }, patience())
    const error = await operatorError(started)

    expect(error.message).toContain('exit code 3')
    expect(error.message).not.toContain('planted')
    expect(error.logOnly).toEqual(['FATAL: the planted words'])
    expect(folder?.names()).toEqual(['broken-postgres'])
  })

  test('FM73 leaves nothing behind when it is interrupted while it is made', async () => {
    const input = await scratchInput(makeFolder())
    const interrupted = new AbortController()
    const starting = startScratchServer(input, interrupted.signal)
    await untilTrue(
      () => folder?.names().length === 2 && readdirSync(path.join(folder.path, folder.names()[0] ?? '')).length > 0,
    )

    interrupted.abort(new Error('stop'))
    await expect(starting).rejects.toThrow('stop')

    expect(folder?.names()).toEqual([])
    expect(postmasters(folder?.path ?? '')).toEqual([])
  })

  test('keeps 15 000 tables locked in one transaction, as pg_dump does', async () => {
    await using server = await startScratchServer(await scratchInput(makeFolder()), patience())
    await using session = await connect(server.target('postgres'), { ...OPTIONS, queryTimeoutMs: 100_000 }, patience())
    await session.query(
      "DO $$ BEGIN FOR i IN 1..15000 LOOP EXECUTE format('CREATE TABLE public.t%s ()', i); IF i % 3000 = 0 THEN COMMIT; END IF; END LOOP; END $$",
    )

    await session.query('BEGIN')
    await session.query(
      "DO $$ BEGIN FOR i IN 1..15000 LOOP EXECUTE format('LOCK TABLE public.t%s IN ACCESS SHARE MODE', i); END LOOP; END $$",
    )
    const [row] = await session.query<{ locks: string }>(
      "SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessShareLock'",
    )
    await session.query('COMMIT')

    expect(Number(row?.locks)).toBeGreaterThanOrEqual(15_000)
  })

  test('FM73 finds its folder through a symbolic link and with odd characters in it', async () => {
    const odd = path.join(makeFolder(), 'it\'s a\\ "folder" é')
    mkdirSync(odd)
    const link = path.join(folder?.path ?? '', 'link')
    symlinkSync(odd, link)

    const server = await startScratchServer(await scratchInput(link), patience())
    await server[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()

    expect(readdirSync(odd)).toEqual([])
  })
})

describe('a folder that can not be used', () => {
  test('is named with what to do: no space', async () => {
    const dir = makeFolder()

    const error = await operatorError(requireScratchSpace(dir, 2 ** 60))

    expect(error.kind).toBe('space')
    expect(error.message).toMatch(/: \d+ MB free; expected 1099511628032 MB$/)
  })

  test('FM40 is named with what to do: a user without a name, and no library that gives it one', async () => {
    const input = await scratchInput(makeFolder())
    const initdb = path.join(folder?.path ?? '', 'initdb')
    const words = 'initdb: error: could not look up effective user ID 1000690000: user does not exist'
    writeFileSync(initdb, `#!/bin/sh\necho "${words}" >&2\nexit 1\n`, { mode: 0o755 })

    const error = await operatorError(
      startScratchServer({ ...input, binaries: { ...input.binaries, initdb } }, patience()),
    )

    expect(error.kind).toBe('tools')
    expect(error.hint).toContain('libnss-wrapper')
    expect(folder?.names()).toEqual(['initdb'])
  })

  test('FM125 a server that does not answer within DATABASE_SERVER_TIMEOUT is given up, and nothing is left of it', async () => {
    const input = await scratchInput(makeFolder())
    const postgres = path.join(folder?.path ?? '', 'postgres')
    // It is asked for its version, and then runs without ever listening.
    writeFileSync(
      postgres,
      `#!/bin/sh\ncase "$*" in *--version*|*-V*) exec ${input.binaries.postgres} "$@";; esac\nexec sleep 600\n`,
      { mode: 0o755 },
    )
    const binaries = { ...input.binaries, postgres }

    const error = await operatorError(startScratchServer({ ...input, binaries, readyTimeoutMs: 300 }, patience()))

    expect(error).toMatchObject({ kind: 'server', hint: expect.stringContaining('DATABASE_SERVER_TIMEOUT') })
    expect(error.message).toBe('scratch server: no answer within 0.3 s; expected it to start')
    expect(folder?.names()).toEqual(['postgres'])
  })

  test('is named with what to do: missing', async () => {
    const input = await scratchInput('/nowhere/at/all')

    const error = await operatorError(startScratchServer(input, patience()))

    expect(error.kind).toBe('volume')
    expect(error.message).toBe('VERIFICATION_DIR /nowhere/at/all: not there; expected a folder for scratch servers')
    expect(error.hint).toContain('emptyDir')
  })

  test('is named with what to do: the user of the server may not pass through', async () => {
    const closed = path.join(makeFolder(), 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const input = await scratchInput(closed)

    const starting = startScratchServer(input, patience())
    // As ourselves it works: only root gives the files to another user.
    const outcome = process.getuid?.() === 0 ? await operatorError(starting) : await starting
    if (Symbol.asyncDispose in outcome) await outcome[Symbol.asyncDispose]()
    else expect(outcome.message).toContain('the user of the server may not reach it')

    expect(readdirSync(closed)).toEqual([])
  })
})
