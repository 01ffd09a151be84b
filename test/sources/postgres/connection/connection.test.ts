import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseTarget, SslMode, TlsSettings } from '../../../../src/config/database-target.ts'
import { Secret } from '../../../../src/config/secret.ts'
import { startDump } from '../../../../src/sources/postgres/client-tools/dump.ts'
import { connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { makeCertificate } from '../../../support/certificate.ts'
import { freePort } from '../../../support/postgres-cluster.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer
const signal = new AbortController().signal
const folder = mkdtempSync(path.join(tmpdir(), 'connection-'))
const options = { env: { HOME: folder }, applicationName: 'test' }

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

describe('connecting', () => {
  test('takes nothing from PG variables, and gives rows', async () => {
    process.env.PGPASSWORD = 'of another host'
    process.env.PGOPTIONS = '-c work_mem=1MB'
    await using connection = await connect(
      server.target('postgres'),
      { ...options, parameters: { work_mem: '9 MB' } },
      signal,
    )

    const rows = await connection.query(
      "SELECT current_setting('work_mem') AS w, current_setting('application_name') AS a, $1::int AS n",
      [3],
    )

    expect(rows).toEqual([{ w: '9MB', a: 'test', n: 3 }])
    delete process.env.PGPASSWORD
    delete process.env.PGOPTIONS
  })

  test('FM77 runs no function or operator that the owner of a database puts before those of PostgreSQL', async () => {
    await server.createDatabase('trapped')
    await server.sql(
      'trapped',
      `CREATE SCHEMA evil; CREATE FUNCTION evil.equal(name, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
       CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.equal);
       ALTER DATABASE trapped SET search_path = evil, pg_catalog;`,
    )
    const question = "SELECT count(*)::int AS n FROM pg_catalog.pg_roles WHERE rolname = 'postgres'::text"
    await using connection = await connect(server.target('trapped'), options, signal)

    const rows = await connection.query(question)

    expect(rows).toEqual([{ n: 1 }])
    await expect(server.query('trapped', question)).rejects.toThrow('trapped')
  })

  test('FM12 explains a wrong password without showing it', async () => {
    const target = server.target('postgres', 'postgres', 'wr0ng-password')

    const failure = await failureOf(connect(target, options, signal))

    expect(failure).toMatchObject({ kind: 'authentication', sqlstate: '28P01', object: 'postgres' })
    expect(failure.message).toBe(
      `127.0.0.1:${server.port}/postgres: password authentication failed for user "postgres"`,
    )
    expect(JSON.stringify(failure)).not.toContain('wr0ng-password')
  })

  test('FM130 names the variable of a wrong password, where it came from one', async () => {
    const typed = server.target('postgres', 'postgres', 'wr0ng-password')

    const failures = await Promise.all(
      [typed, { ...typed, passwordFrom: 'LOCALHOST_PASSWORD' }].map(target =>
        failureOf(connect(target, options, signal)),
      ),
    )

    expect(failures).toMatchObject([
      { hint: 'check user and password' },
      { hint: 'the password is that of LOCALHOST_PASSWORD: check it, and the user' },
    ])
  })

  test('explains a database that does not exist', async () => {
    const failure = await failureOf(connect(server.target('no such'), options, signal))

    expect(failure).toMatchObject({ kind: 'configuration', sqlstate: '3D000', object: 'no such' })
  })

  test('FM09 a server that is not there is worth another try', async () => {
    const port = await freePort()
    const refused = await failureOf(connect({ ...server.target('postgres'), port }, options, signal))
    const unknown = await failureOf(connect({ ...server.target('postgres'), host: 'nosuch.invalid' }, options, signal))

    expect(refused).toMatchObject({ kind: 'connection', message: expect.stringContaining('ECONNREFUSED') })
    expect(unknown).toMatchObject({ kind: 'connection', message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) })
  })

  test('FM08 a server that accepts and stays silent is given up after the timeout', async () => {
    await using silent = await silentServer()
    const target = { ...server.target('postgres'), port: silent.port }

    const failure = await failureOf(connect(target, { ...options, connectTimeoutMs: 300 }, signal))

    expect(failure).toMatchObject({ kind: 'connection', message: expect.stringContaining('no answer in time') })
  })

  test('an abort ends connecting and querying at once, with its reason', async () => {
    await using silent = await silentServer()
    const reason = new Error('stop')
    const controller = new AbortController()
    await using connection = await connect(server.target('postgres'), options, controller.signal)
    const connecting = connect({ ...server.target('postgres'), port: silent.port }, options, controller.signal)
    const querying = connection.query('SELECT pg_sleep(60)')

    controller.abort(reason)

    await expect(connecting).rejects.toBe(reason)
    await expect(querying).rejects.toBe(reason)
  })

  test('FM83 an error of a query keeps row data out of its message', async () => {
    await using connection = await connect(server.target('postgres'), options, signal)

    const failure = await failureOf(connection.query("SELECT 'Anna Miller'::int"))

    expect(failure).toMatchObject({ kind: 'server', sqlstate: '22P02', message: expect.not.stringContaining('Miller') })
    expect(failure.logOnly.join()).toContain('Anna Miller')
  })

  test('FM09 a server that dies between two queries is a lost connection', async () => {
    await using other = await startPostgres()
    await using connection = await connect(other.target('postgres'), options, signal)
    await other.crash()

    const failure = await failureOf(connection.query('SELECT 1'))

    expect(failure.kind).toBe('connection')
  })
})

describe("libpq's words for TLS mean the same to our sessions and to pg_dump", () => {
  let tls: PostgresServer
  let certificate: string
  const foreign = mkdtempSync(path.join(tmpdir(), 'foreign-'))
  let foreignCertificate: string

  beforeAll(async () => {
    tls = await startPostgres()
    const made = makeCertificate(folder, 'db.test')
    certificate = made.file
    foreignCertificate = makeCertificate(foreign, 'elsewhere.test').file
    const keyFile = tls.writeFile('server.key', made.key)
    const certificateFile = tls.writeFile('server.crt', made.certificate)
    await tls.sql(
      'postgres',
      `ALTER SYSTEM SET ssl_cert_file = '${certificateFile}'; ALTER SYSTEM SET ssl_key_file = '${keyFile}'; ALTER SYSTEM SET ssl = on;`,
    )
    await tls.restart()
  })
  afterAll(async () => {
    await tls.stop()
    rmSync(foreign, { recursive: true })
  })

  const cases: readonly [SslMode, 'none' | 'own' | 'foreign' | 'missing', 'tls' | 'plain' | 'refused'][] = [
    ['disable', 'none', 'plain'],
    ['allow', 'none', 'plain'],
    ['prefer', 'none', 'tls'],
    ['prefer', 'foreign', 'plain'],
    ['require', 'none', 'tls'],
    ['require', 'own', 'tls'],
    ['require', 'foreign', 'refused'],
    ['verify-ca', 'own', 'tls'],
    ['verify-ca', 'foreign', 'refused'],
    ['verify-ca', 'missing', 'refused'],
    // The certificate is for another name than 127.0.0.1.
    ['verify-full', 'own', 'refused'],
  ]

  test.each(cases)('mode %s with %s root certificate: %s', async (mode, root, expected) => {
    const settings = { mode, ...rootOf(root) }
    const target: DatabaseTarget = { ...tls.target('postgres'), tls: settings }

    const ours = await sessionKind(target)
    const toolSucceeds = await dumpSucceeds(target, tls)

    expect(ours).toBe(expected)
    expect(toolSucceeds).toBe(expected !== 'refused')
  })

  test('a server without TLS is refused where it is required', async () => {
    const target: DatabaseTarget = { ...server.target('postgres'), tls: { mode: 'require' } }

    const failure = await failureOf(connect(target, options, signal))

    expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('does not offer TLS') })
  })

  function rootOf(root: (typeof cases)[number][1]): Partial<TlsSettings> {
    switch (root) {
      case 'none':
        return {}
      case 'own':
        return { rootCertificate: certificate }
      case 'foreign':
        return { rootCertificate: foreignCertificate }
      case 'missing':
        return { rootCertificate: path.join(folder, 'missing.crt') }
    }
  }
})

test('a broken certificate file is named', async () => {
  const file = path.join(folder, 'broken.crt')
  writeFileSync(file, 'nonsense')
  const target: DatabaseTarget = {
    ...server.target('postgres'),
    password: new Secret('x'),
    tls: { mode: 'verify-ca', rootCertificate: path.join(folder, 'gone.crt') },
  }

  const failure = await failureOf(connect(target, options, signal))

  expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('gone.crt') })
})

async function sessionKind(target: DatabaseTarget): Promise<'tls' | 'plain' | 'refused'> {
  try {
    await using connection = await connect(target, options, signal)
    const [row] = await connection.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return row?.ssl === true ? 'tls' : 'plain'
  } catch (error) {
    expect(error).toMatchObject({ kind: 'configuration' })
    return 'refused'
  }
}

async function dumpSucceeds(target: DatabaseTarget, of: PostgresServer): Promise<boolean> {
  const tools = { version: '', major: of.majorVersion, pgDump: `${of.binFolder}/pg_dump`, pgDumpall: '' }
  const dump = startDump(
    target,
    { ...options, tools, clientEncoding: 'UTF8', tableLockWaitMs: 1000, clock: systemClock },
    signal,
  )
  try {
    for await (const chunk of dump.stream) expect(chunk.length).toBeGreaterThan(0)
    return true
  } catch (error) {
    expect(error).toMatchObject({ kind: 'configuration' })
    return false
  }
}

interface Failed extends Error {
  readonly kind: string
  readonly logOnly: readonly string[]
}

async function failureOf(promise: Promise<unknown>): Promise<Failed> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  return error as Failed
}

async function silentServer(): Promise<{ readonly port: number } & AsyncDisposable> {
  const silent = createServer(socket => socket.on('error', () => {}))
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      silent.close()
      await Promise.resolve()
    },
  }
}
