import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dump } from '../../../../src/sources/postgres/client-tools/dump.ts'
import { type WatchOptions, watchDump } from '../../../../src/sources/postgres/client-tools/watchdog.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { dumpOf, textOf, toolsOf } from '../../../support/dumping.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { startTcpProxy } from '../../../support/tcp-proxy.ts'

let server: PostgresServer
const folder = mkdtempSync(path.join(tmpdir(), 'watchdog-'))
const signal = new AbortController().signal

beforeAll(async () => {
  server = await startPostgres()
  await server.sql(
    'postgres',
    "CREATE TABLE big AS SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 60000) i; CREATE TABLE held (i int)",
  )
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

function optionsFor(applicationName: string, more: Partial<WatchOptions> = {}): WatchOptions {
  return {
    target: server.target('postgres'),
    env: {},
    applicationName,
    clock: systemClock,
    stallTimeoutMs: 1_500,
    askTimeoutMs: 1_000,
    dumpTimeoutMs: 0,
    ...more,
  }
}

async function sessions(applicationName: string): Promise<number> {
  const rows = await server.query(
    'postgres',
    `SELECT pid FROM pg_stat_activity WHERE application_name = '${applicationName}'`,
  )
  return rows.length
}

describe('FM08 the watchdog of a dump', () => {
  test('lets a healthy dump end, and is gone with it', async () => {
    const dump = dumpOf(server, server.target('postgres'))
    await using _watch = watchDump(dump, optionsFor('backup-test', { stallTimeoutMs: 60_000 }), signal)

    const text = await textOf(dump)

    expect(text).toContain('dump complete')
  })

  test('ends a dump through which the network lets nothing pass, and its session on the server', async () => {
    await using proxy = await startTcpProxy(server.port)
    const target = { ...server.target('postgres'), port: proxy.port }
    const dump = dumpOf(server, target, { applicationName: 'stalled' })
    await using _watch = watchDump(dump, optionsFor('stalled', { target: server.target('postgres') }), signal)
    const reading = (async () => {
      for await (const chunk of dump.stream) if (chunk.length > 0 && proxy.received() > 5_000_000) proxy.stall()
    })()

    const failure = await operatorError(reading)

    expect(failure).toMatchObject({ kind: 'stalled', message: expect.stringContaining('lets nothing through') })
    await untilGone('stalled')
  })

  test('ends a dump whose server no longer answers at all as a lost connection', async () => {
    await using proxy = await startTcpProxy(server.port)
    const target = { ...server.target('postgres'), port: proxy.port }
    const dump = dumpOf(server, target, { applicationName: 'unreachable' })
    await using _watch = watchDump(dump, optionsFor('unreachable', { target }), signal)
    const reading = (async () => {
      for await (const chunk of dump.stream) if (chunk.length > 0 && proxy.received() > 5_000_000) proxy.stall()
    })()

    const failure = await operatorError(reading)

    expect(failure).toMatchObject({ kind: 'connection', message: expect.stringContaining('does not answer') })
  })

  test('ends a dump that waits for a lock without a timeout of its own', async () => {
    const holding = server
      .query('postgres', "SET application_name = 'holder'; BEGIN; LOCK TABLE held; SELECT pg_sleep(120)")
      .catch(() => {})
    await untilTrue(
      "SELECT count(*) = 1 AS is FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'held' AND granted",
    )
    const dump = dumpOf(server, server.target('postgres'), { applicationName: 'waits for a lock', tableLockWaitMs: 0 })
    const reading = textOf(dump)
    await untilTrue(
      "SELECT count(*) = 1 AS is FROM pg_stat_activity WHERE application_name = 'waits for a lock' AND wait_event_type = 'Lock'",
    )
    await using _watch = watchDump(dump, optionsFor('waits for a lock'), signal)

    const failure = await operatorError(reading)

    expect(failure).toMatchObject({ kind: 'lock-timeout', message: expect.stringContaining('waits for a lock') })
    await server.query(
      'postgres',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'",
    )
    await holding
    await untilGone('waits for a lock')
  })

  test('ends a tool that has no session on the server any more', async () => {
    const dump = fakeDump('exec sleep 60')
    await using _watch = watchDump(dump, optionsFor('no session'), signal)

    const failure = await operatorError(textOf(dump))

    expect(failure).toMatchObject({ kind: 'connection', message: expect.stringContaining('is gone') })
  })

  test('lets a silent dump go on while its session works, until the deadline', async () => {
    const dump = fakeDump('exec sleep 60')
    const working = server
      .query('postgres', "SET application_name = 'at work'; DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
      .catch(() => {})
    await untilTrue(
      "SELECT count(*) = 1 AS is FROM pg_stat_activity WHERE application_name = 'at work' AND state = 'active'",
    )
    await using _watch = watchDump(dump, optionsFor('at work', { stallTimeoutMs: 100, dumpTimeoutMs: 1_500 }), signal)

    const failure = await operatorError(textOf(dump))

    expect(failure).toMatchObject({ kind: 'deadline', message: expect.stringContaining('1.5 s') })
    expect(await sessions('at work')).toBe(1)
    await server.query(
      'postgres',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'at work'",
    )
    await working
  })

  test('does not blame the server while the reader of the dump is slow', async () => {
    const dump = dumpOf(server, server.target('postgres'), { applicationName: 'slow reader' })
    await using _watch = watchDump(dump, optionsFor('slow reader', { stallTimeoutMs: 5_000 }), signal)
    let bytes = 0

    for await (const chunk of dump.stream) {
      if (bytes === 0) await systemClock.sleep(6_000, signal)
      bytes += chunk.length
    }

    expect(bytes).toBeGreaterThan(60_000_000)
  })
})

function fakeDump(script: string): Dump {
  const pgDump = path.join(folder, `pg_dump-${Math.random().toString(36).slice(2)}`)
  writeFileSync(pgDump, `#!/bin/sh\n${script}\n`)
  chmodSync(pgDump, 0o755)
  return dumpOf(server, server.target('postgres'), { tools: { ...toolsOf(server), pgDump } })
}

async function untilTrue(question: string): Promise<void> {
  for (;;) {
    const [row] = await server.query('postgres', question)
    if (row?.is === true) return
  }
}

async function untilGone(applicationName: string): Promise<void> {
  while ((await sessions(applicationName)) > 0);
}
