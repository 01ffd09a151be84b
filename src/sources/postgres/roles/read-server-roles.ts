import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { runTool, type ToolExit } from '../../../system/process.ts'
import type { ClientTools } from '../client-tools/client-tools.ts'
import { databaseConnectionString, toolEnvironment } from '../client-tools/tool-environment.ts'
import { connect } from '../connection/connection.ts'
import { NO_CONNECTION, readToolMessages } from '../connection/server-messages.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { readRoleStatements } from './read-role-statements.ts'
import type { RecordedRoles } from './recorded-roles.ts'
import { rolesPart } from './role-statements.ts'

const TRAILER = '-- PostgreSQL database cluster dump complete'

export interface ReadRolesOptions {
  readonly tools: ClientTools
  readonly env: Readonly<Record<string, string | undefined>>
  readonly applicationName: string
  /** After this long the roles are left out; 0 is no limit. */
  readonly timeoutMs: number
  /** Gets what the tool printed, for the log. */
  onStderr?(line: string): void
}

/** The roles of a server: `roles` for this program, `text` for people with psql. */
export interface RolesReading {
  /** The roles part of an archive. `absent`: the text says that there are none, and `notes` say why. */
  readonly text: string
  /** Null where they are absent. */
  readonly roles: RecordedRoles | null
  readonly status: 'complete' | 'partial' | 'absent'
  readonly notes: readonly string[]
}

/**
 * Reads the roles of the target's server. A role that may not read them, or a tool that fails on them, costs the roles
 * part and not the backup: it is `absent` with a note. Throws an OperatorError only for what would stop the dump as well: a
 * lost connection, or refused credentials; and the signal's reason.
 */
export async function readRoles(
  target: DatabaseTarget,
  options: ReadRolesOptions,
  signal: AbortSignal,
): Promise<RolesReading> {
  const timeoutMs = options.timeoutMs > 0 ? options.timeoutMs : MAX_TIMEOUT_MS
  const result = await runTool(dumpallTool(target, options), { timeoutMs }, signal)
  signal.throwIfAborted()
  for (const line of result.stderr) options.onStderr?.(line)
  if (result.code !== 0) {
    const failure = readToolMessages(result.stderr).failure
    if (failure !== null && NO_CONNECTION.test(failure.text)) throw await noConnection(target, options, signal)
    return absent(failureReason(targetName(target), result))
  }
  if (!result.stdout.trimEnd().split('\n').slice(-3).includes(TRAILER))
    return absent('pg_dumpall ended without its last line')
  return readingOf(result.stdout)
}

/** The longest delay that a timer of Node knows. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

function readingOf(dumpall: string): RolesReading {
  const part = rolesPart(dumpall)
  const { roles, leftOut } = readRoleStatements(splitStatements(Buffer.from(dumpall)).statements, 'utf8')
  const unknown = Math.max(part.unknown, leftOut.length)
  const notes = [
    'roles were saved without their passwords: a role that a restore has to create can log in only after it was given one',
  ]
  if (unknown === 0) return { text: part.text, roles, status: 'complete', notes }
  return {
    text: part.text,
    roles,
    status: 'partial',
    notes: [...notes, `roles part: ${unknown} statements of pg_dumpall are not known and were left out`],
  }
}

function dumpallTool(target: DatabaseTarget, options: ReadRolesOptions) {
  return {
    command: options.tools.pgDumpall,
    args: [
      '--roles-only',
      '--no-role-passwords',
      '--no-password',
      `--database=${databaseConnectionString(target.database)}`,
    ],
    env: toolEnvironment(target, {
      env: options.env,
      applicationName: options.applicationName,
      clientEncoding: 'UTF8',
    }),
  }
}

/** pg_dumpall keeps the reason to itself: a session of our own on the same database, as the same role, is told it. */
async function noConnection(target: DatabaseTarget, options: ReadRolesOptions, signal: AbortSignal): Promise<unknown> {
  const place = targetName(target)
  try {
    await using _ = await connect(target, options, signal)
    const found = 'could not connect, and a session a moment later could'
    return new OperatorError('connection', `${place}: pg_dumpall: ${found}; expected the roles of the server`, {
      hint: 'the role or the server may be at its limit of connections',
    })
  } catch (error) {
    if (!(error instanceof OperatorError)) return error
    const { kind, logOnly, hint, sqlstate, object } = error
    const reason = error.message.replace(`${place}: `, '')
    return new OperatorError(kind, `${place}: pg_dumpall: could not connect: ${reason}`, {
      logOnly,
      ...(hint === undefined ? {} : { hint }),
      ...(sqlstate === undefined ? {} : { sqlstate }),
      ...(object === undefined ? {} : { object }),
    })
  }
}

function failureReason(place: string, exit: ToolExit): string {
  const failure = readToolMessages(exit.stderr).failure
  if (failure === null)
    return exit.code === null ? 'pg_dumpall did not end in time' : `pg_dumpall ended with exit code ${exit.code}`
  if (failure.kind === 'connection' || failure.kind === 'authentication') {
    throw new OperatorError(failure.kind, `${place}: pg_dumpall: ${failure.text}; expected the roles of the server`, {
      ...(failure.hint === null ? {} : { hint: failure.hint }),
      ...(failure.sqlstate === null ? {} : { sqlstate: failure.sqlstate }),
      logOnly: exit.stderr,
    })
  }
  return `pg_dumpall: ${failure.text}`
}

function absent(reason: string): RolesReading {
  return {
    text: '--\n-- The roles of the server could not be read; none are in this archive.\n--\n\n',
    roles: null,
    status: 'absent',
    notes: [`the roles of the server are not in the archive (${reason})`],
  }
}
