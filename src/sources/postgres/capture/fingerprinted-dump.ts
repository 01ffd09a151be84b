import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { SourceContext } from '../../source-context.ts'
import type { ClientTools } from '../client-tools/client-tools.ts'
import { type Dump, startDump } from '../client-tools/dump.ts'
import { watchDump } from '../client-tools/watchdog.ts'
import { mergeOmitted, type Omitted } from '../connection/server-messages.ts'
import { MONEY_SESSION, SETTINGS_FOR_PSQL } from '../connection/session-parameters.ts'
import type { DatabaseFacts } from '../database/database-facts.ts'
import { type Fingerprint, Fingerprinter, type FingerprintResult } from '../fingerprint/fingerprint.ts'
import { HeaderFilter } from '../sql/header.ts'

export interface DumpInput {
  readonly target: DatabaseTarget
  readonly context: SourceContext
  readonly facts: DatabaseFacts
  readonly tools: ClientTools
  /** Unique per dump. */
  readonly applicationName: string
  /** How many bytes have passed. */
  onBytes(bytes: number): void
}

/** What is known of a dump after its last byte. */
export interface DumpResult {
  readonly fingerprint: Fingerprint
  readonly omitted: readonly Omitted[]
  readonly notes: readonly string[]
}

export interface FingerprintedDump {
  /** To be read once; throws unless the dump was whole: what pg_dump or its watchdog said, or `incomplete`. */
  readonly bytes: AsyncIterable<Buffer>
  /** After the last byte. */
  result(): DumpResult
}

/** Runs pg_dump under its watchdog and hands its bytes on, each seen by the fingerprint exactly as it is written. */
export function fingerprintedDump(input: DumpInput, signal: AbortSignal): FingerprintedDump {
  const { facts } = input
  const header = new HeaderFilter(facts.server.settingNames, SETTINGS_FOR_PSQL)
  const fingerprinter = new Fingerprinter({ clientEncoding: facts.database.encoding })
  let whole: { readonly fingerprint: Fingerprint; readonly dump: Dump } | null = null

  async function* bytes(): AsyncGenerator<Buffer> {
    const dump = start(input, signal)
    await using _ = watch(input, dump, signal)
    for await (const chunk of dump.stream) {
      const filtered = header.write(chunk)
      fingerprinter.write(filtered)
      input.onBytes(dump.progress().bytes)
      yield filtered
    }
    const rest = header.end()
    fingerprinter.write(rest)
    yield rest
    const fingerprint = requireWhole(fingerprinter.end(), facts)
    whole = { fingerprint: withBeginnings(fingerprint, fingerprinter.statementBeginnings()), dump }
  }

  return {
    bytes: bytes(),
    result() {
      if (whole === null) throw new Error('the dump was not read to its end')
      const { omitted, notes } = whole.dump.report()
      return {
        fingerprint: whole.fingerprint,
        omitted: mergeOmitted(facts.omitted, omitted),
        notes: [...notes, ...header.disarmed.map(disarmedNote)],
      }
    },
  }
}

function start({ target, context, facts, tools, applicationName }: DumpInput, signal: AbortSignal): Dump {
  const { env, clock, log, configuration } = context
  const database = targetName(target)
  return startDump(
    target,
    {
      tools,
      env,
      clock,
      applicationName,
      clientEncoding: facts.database.encoding,
      parameters: MONEY_SESSION,
      tableLockWaitMs: configuration.settings.tableLockWaitMs,
      onStderr: line => log.warn('pg_dump', { database, line }),
    },
    signal,
  )
}

function watch({ target, context, applicationName }: DumpInput, dump: Dump, signal: AbortSignal): AsyncDisposable {
  const { env, clock, configuration } = context
  const { stallTimeoutMs, dumpTimeoutMs } = configuration.settings
  return watchDump(dump, { target, env, clock, applicationName, stallTimeoutMs, dumpTimeoutMs }, signal)
}

/** An exit code of 0 does not say that the dump is whole; its own trailer and the server's catalog do. */
function requireWhole({ complete, fingerprint }: FingerprintResult, facts: DatabaseFacts): Fingerprint {
  const place = targetName({ ...facts.database, database: facts.database.name })
  if (!complete) {
    throw new OperatorError(
      'incomplete',
      `${place}: the dump ended without its last line; expected "PostgreSQL database dump complete"`,
    )
  }
  if (facts.tables > 0 && fingerprint.tables.length === 0) {
    throw new OperatorError(
      'incomplete',
      `${place}: no table is in the dump; expected ${facts.tables}, which the server lists`,
    )
  }
  return { ...fingerprint, session: { ...fingerprint.session, lcMonetary: MONEY_SESSION.lc_monetary } }
}

/** So that a changed statement can be named later. */
function withBeginnings(fingerprint: Fingerprint, beginnings: string | null): Fingerprint {
  return beginnings === null ? fingerprint : { ...fingerprint, statements: { ...fingerprint.statements, beginnings } }
}

function disarmedNote(name: string): string {
  return `the server does not know the setting ${name}, which pg_dump wrote: its SET became a comment`
}
