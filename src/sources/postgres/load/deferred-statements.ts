import { rolesNamedBy } from '../sql/named-roles.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { identifyStatement, type StatementIdentity } from '../sql/statement-identity.ts'
import { loadErrorOf } from './load-failure.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'
import type { RoleDirectory } from './role-directory.ts'
import { StatementGroup } from './statement-group.ts'

export interface DeferredContext {
  readonly admin: LoadSession
  readonly roles: RoleDirectory
  readonly outcome: LoadOutcome
  /** The server is a scratch server, whose roles nobody can use. */
  readonly isScratch: boolean
}

/** What only a superuser may own: on a scratch server no role is one. */
const OF_SUPERUSERS = /^(EVENT TRIGGER|FOREIGN DATA WRAPPER|PUBLICATION|SUBSCRIPTION) /

/**
 * Runs what waited for the end of a load, in its order, through the admin. Between SET SESSION AUTHORIZATION and RESET each
 * right is given as that role, and the session is the admin's own again before the next statement, whatever happened.
 */
export async function runDeferred(statements: Iterable<Buffer>, context: DeferredContext): Promise<void> {
  const group = new StatementGroup(context.admin, context.outcome)
  let grantor: Buffer | null = null
  for (const statement of statements) {
    const identity = identifyStatement(statement)
    if (identity.kind === 'SESSION AUTHORIZATION') grantor = rolesNamedBy(statement).length === 0 ? null : statement
    else if (await context.roles.provideFor(statement)) {
      const isRight = identity.kind === 'GRANT' || identity.kind === 'REVOKE'
      const by = isRight ? grantor : null
      const alone = (): Promise<void> => attempt(statement, by, context)
      if (by === null && !needsSuperuser(identity, context)) await group.add({ statement, alone })
      else await group.flush().then(alone)
    }
  }
  await group.flush()
}

async function attempt(statement: Buffer, grantor: Buffer | null, context: DeferredContext): Promise<void> {
  try {
    if (grantor === null) await runAsOwner(statement, context)
    else if (await context.roles.provideFor(grantor)) await runAs(rolesNamedBy(grantor)[0] ?? '', statement, context)
  } catch (error) {
    const found = loadErrorOf(identifyStatement(statement), error)
    // Such an admin restores what he may, and says what he may not.
    if (found?.sqlstate === '42501' && !context.admin.isSuperuser) context.outcome.leftOut(statement, found)
    else await context.outcome.refused(statement, error)
  }
}

/** It gives away what only a superuser may own, to a role of a scratch server. */
function needsSuperuser({ kind, identity }: StatementIdentity, { isScratch }: DeferredContext): boolean {
  return kind === 'OWNER' && OF_SUPERUSERS.test(identity) && isScratch
}

async function runAs(role: string, statement: Buffer, { admin }: DeferredContext): Promise<void> {
  await admin.runOne(latin1(`SET ROLE ${quoteIdentifier(role)}`))
  try {
    await admin.runOne(statement)
  } finally {
    await admin.runOne(latin1('RESET ROLE'))
  }
}

async function runAsOwner(statement: Buffer, context: DeferredContext): Promise<void> {
  const [owner] = rolesNamedBy(statement)
  const isPlain = !needsSuperuser(identifyStatement(statement), context)
  if (isPlain || owner === undefined || (await context.roles.isSuperuser(owner)))
    return await context.admin.runOne(statement)
  await withSuperuser(owner, context.admin, () => context.admin.runOne(statement))
}

/** The role can't log in, and nobody is a member of it: for the length of one statement it may well be a superuser. */
async function withSuperuser(role: string, admin: LoadSession, work: () => Promise<void>): Promise<void> {
  await admin.runOne(latin1(`ALTER ROLE ${quoteIdentifier(role)} SUPERUSER`))
  try {
    await work()
  } finally {
    await admin.runOne(latin1(`ALTER ROLE ${quoteIdentifier(role)} NOSUPERUSER`))
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
