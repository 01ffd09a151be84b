import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseTarget } from '../../../../src/config/database-target.ts'
import { OperatorError } from '../../../../src/errors.ts'
import type { ClientTools } from '../../../../src/sources/postgres/client-tools/client-tools.ts'
import { inspectDatabase } from '../../../../src/sources/postgres/inspect/inspect.ts'
import { dumpOf, textOf, toolsOf } from '../../../support/dumping.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const PLANTED = 'Anna-Miller-4711'
const PASSWORD = 'p4ssw0rd-of-the-owner'

let server: PostgresServer
let owner: DatabaseTarget
const folder = mkdtempSync(path.join(tmpdir(), 'dump-'))

beforeAll(async () => {
  server = await startPostgres({ settings: { timezone: 'Asia/Tokyo', bytea_output: 'escape' } })
  await server.createRole('shop_owner', { password: PASSWORD })
  await server.createDatabase('shop', { owner: 'shop_owner' })
  await server.sql(
    'shop',
    `SET ROLE shop_owner;
     CREATE TABLE customer (id int, name text, photo bytea, at timestamptz);
     INSERT INTO customer VALUES (1, '${PLANTED}', 'ab', '2026-11-20 00:00:00+00');
     CREATE INDEX customer_name ON customer (name);
     CREATE TABLE big AS SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 60000) i;
     RESET ROLE; ALTER ROLE shop_owner SET quote_all_identifiers = on; ALTER ROLE shop_owner SET client_encoding = 'LATIN1';`,
  )
  owner = server.target('shop', 'shop_owner', PASSWORD)
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

describe('a dump', () => {
  test('FM76 FM78 is whole for an owner who is no superuser, whatever the settings of server and role', async () => {
    const dump = dumpOf(server, owner)

    const text = await textOf(dump)

    expect(text).toContain('-- PostgreSQL database dump complete')
    expect(text).toContain(`1\t${PLANTED}\t\\\\x6162\t2026-11-20 00:00:00+00\n`)
    expect(text).toContain('COPY public.customer (id, name, photo, at) FROM stdin;')
    expect(text).toContain('CREATE INDEX customer_name ON public.customer USING btree (name);')
    expect(text).toContain("SET client_encoding = 'UTF8';")
    expect(dump.progress()).toEqual({ bytes: Buffer.byteLength(text), waitingSince: null, hasEnded: true })
    expect(dump.report()).toEqual({ omitted: [], notes: [] })
  })

  test('FM11 FM12 has no secret in its command line, and none in what it says', async () => {
    const lines: string[] = []
    const dump = dumpOf(server, { ...owner, user: 'nobody' }, { onStderr: line => lines.push(line) })
    const commandLine = readFileSync(`/proc/${dump.pid}/cmdline`, 'utf8').split('\0')

    const failure = await operatorError(textOf(dump))

    expect(commandLine).toContain('--no-password')
    expect(commandLine.join(' ')).not.toContain('enable-row-security')
    expect(JSON.stringify([commandLine, lines, failure.message, failure.hint, failure.logOnly])).not.toContain(PASSWORD)
    expect(failure).toMatchObject({ kind: 'authentication', object: 'nobody' })
    expect(lines.join('\n')).toContain('password authentication failed')
  })

  test('FM01 of a database that does not exist fails, although nothing was wrong with the stream', async () => {
    const failure = await operatorError(textOf(dumpOf(server, server.target('no such'))))

    expect(failure).toMatchObject({ kind: 'configuration', sqlstate: '3D000', object: 'no such' })
    expect(failure.message).toBe(`127.0.0.1:${server.port}/no such: pg_dump: database "no such" does not exist`)
  })

  test('FM01 FM07 of a table that this role may not read fails and names it', async () => {
    const password = await server.createRole('reader')

    const failure = await operatorError(textOf(dumpOf(server, server.target('shop', 'reader', password))))

    expect(failure).toMatchObject({
      kind: 'rights',
      sqlstate: '42501',
      object: expect.stringMatching(/^(customer|big)$/),
    })
  })

  test('FM01 by a tool that writes everything and then fails, fails', async () => {
    const tools = fakeTool('echo "-- PostgreSQL database dump complete"; exit 3')
    const chunks: string[] = []

    const failure = await operatorError(collect(dumpOf(server, owner, { tools }).stream, chunks))

    expect(chunks.join('')).toContain('complete')
    expect(failure).toMatchObject({ kind: 'server', message: expect.stringContaining('exit code 3; expected 0') })
  })

  test('FM02 killed in the middle is incomplete', async () => {
    const dump = dumpOf(server, owner)
    const killing = (async () => {
      for await (const chunk of dump.stream) if (chunk.length > 0) process.kill(dump.pid, 'SIGKILL')
    })()

    const failure = await operatorError(killing)

    expect(failure).toMatchObject({
      kind: 'incomplete',
      message: expect.stringContaining('killed by SIGKILL'),
      hint: expect.stringContaining('memory'),
    })
  })

  test('FM09 whose server dies in the middle has lost its connection', async () => {
    await using dying = await startPostgres()
    await dying.sql('postgres', "CREATE TABLE big AS SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 60000) i")
    const dump = dumpOf(dying, dying.target('postgres'))
    let crashed = false
    const reading = (async () => {
      for await (const chunk of dump.stream) {
        if (chunk.length > 0 && !crashed) await dying.crash()
        crashed = true
      }
    })()

    const failure = await operatorError(reading)

    expect(failure.kind).toBe('connection')
  })

  test('FM09 whose session an administrator ends has lost its connection', async () => {
    const dump = dumpOf(server, owner, { applicationName: 'ended by an administrator' })
    let ended = false
    const reading = (async () => {
      for await (const chunk of dump.stream) {
        if (!ended && chunk.length > 0) {
          await server.query(
            'postgres',
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended by an administrator'",
          )
        }
        ended = true
      }
    })()

    const failure = await operatorError(reading)

    expect(failure.kind).toBe('connection')
  })

  test('FM08 gives up after the lock timeout while another session holds a table', async () => {
    const marker = 'holder of the lock'
    const holding = server
      .query('shop', `SET application_name = '${marker}'; BEGIN; LOCK TABLE customer; SELECT pg_sleep(120)`)
      .catch(() => {})
    await untilTrue(
      `SELECT count(*) = 1 AS is FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'customer' AND l.mode = 'AccessExclusiveLock' AND granted`,
    )

    const failure = await operatorError(textOf(dumpOf(server, owner, { tableLockWaitMs: 300 })))

    expect(failure).toMatchObject({ kind: 'lock-timeout', hint: expect.stringContaining('LOCK_WAIT_TIMEOUT') })
    await server.query(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${marker}'`,
    )
    await holding
  })

  test('FM15 keeps what the tool prints out of the dump, and in bounds', async () => {
    const tools = fakeTool(
      'i=0; while [ $i -lt 5000 ]; do echo "pg_dump: warning: noise $i" >&2; i=$((i+1)); done; echo "-- dump"',
    )
    const lines: string[] = []
    const dump = dumpOf(server, owner, { tools, onStderr: line => lines.push(line) })

    const text = await textOf(dump)

    expect(text).toBe('-- dump\n')
    expect(lines).toHaveLength(5000)
    expect(dump.report().notes).toHaveLength(2000)
  })

  test('FM83 keeps row data that an error quotes out of the failure', async () => {
    const tools = fakeTool(
      `echo 'pg_dump: error: query failed: ERROR:  invalid input syntax for type date: "${PLANTED}"' >&2
       echo 'pg_dump: detail: Query was: SELECT $$${PLANTED}$$' >&2; echo 'CONTEXT:  COPY customer, line 1: ${PLANTED}' >&2; exit 1`,
    )

    const failure = await operatorError(textOf(dumpOf(server, owner, { tools })))

    expect(JSON.stringify([failure.message, failure.hint, failure.object])).not.toContain('Miller')
    expect(failure.logOnly.join()).toContain(PLANTED)
  })

  test('FM82 by a newer client is handed on byte for byte, and its unknown setting can be recognised', async () => {
    const tools = fakeTool(
      `exec_dir=${server.binFolder}; echo "SET transaction_timeout = 0;"; exec $exec_dir/pg_dump "$@"`,
    )
    const facts = await inspectDatabase(owner, { env: {}, applicationName: 'test' }, new AbortController().signal)

    const text = await textOf(dumpOf(server, owner, { tools }))

    const names = [...text.matchAll(/^SET (\w+) =/gm)].map(match => match[1] ?? '')
    const unknown = names.filter(name => !facts.server.settingNames.has(name))
    expect(unknown).toEqual(server.majorVersion >= 17 ? [] : ['transaction_timeout'])
  })

  test('that is aborted ends its child and throws the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    const dump = dumpOf(server, owner, { signal: controller.signal })
    const reading = (async () => {
      for await (const chunk of dump.stream) if (chunk.length > 0) controller.abort(reason)
    })()

    await expect(reading).rejects.toBe(reason)

    expect(() => process.kill(dump.pid, 0)).toThrow('ESRCH')
  })

  test('that is stopped throws what it was stopped with', async () => {
    const dump = dumpOf(server, owner, { tools: fakeTool('exec sleep 60') })
    const why = new OperatorError('stalled', 'a: b; expected c')
    const reading = textOf(dump)

    dump.stop(why)

    await expect(reading).rejects.toBe(why)
    expect(() => process.kill(dump.pid, 0)).toThrow('ESRCH')
  })

  test('that nobody reads to its end is ended', async () => {
    const dump = dumpOf(server, owner)

    for await (const chunk of dump.stream) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }

    expect(() => process.kill(dump.pid, 0)).toThrow('ESRCH')
    expect(dump.progress().hasEnded).toBe(true)
  })

  test('by a tool that is not there fails as a tool that is missing', async () => {
    const tools = { ...toolsOf(server), pgDump: path.join(folder, 'missing') }

    const failure = await operatorError(textOf(dumpOf(server, owner, { tools })))

    expect(failure).toMatchObject({ kind: 'tools', message: expect.stringContaining('could not be started') })
  })
})

function fakeTool(script: string): ClientTools {
  const pgDump = path.join(folder, `pg_dump-${Math.random().toString(36).slice(2)}`)
  writeFileSync(pgDump, `#!/bin/sh\n${script}\n`)
  chmodSync(pgDump, 0o755)
  return { ...toolsOf(server), pgDump }
}

async function collect(stream: AsyncIterable<Buffer>, chunks: string[]): Promise<void> {
  for await (const chunk of stream) chunks.push(chunk.toString('utf8'))
}

async function untilTrue(question: string): Promise<void> {
  for (;;) {
    const [row] = await server.query('shop', question)
    if (row?.is === true) return
  }
}
