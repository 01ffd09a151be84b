import type { Remark } from '../../../events.ts'
import { attempt, type Refusal, type SqlSession } from '../connection/sql-session.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { changeOf, databaseChanges } from './database-changes.ts'
import type { DatabaseSetting, GivenFacts } from './database-facts.ts'
import { readSettingRules, withheldSetting } from './setting-rules.ts'

/** Facts that come from an archive, and what of them was taken away because no archive may give it. */
export interface AllowedFacts {
  readonly facts: GivenFacts
  readonly withheld: readonly Remark[]
}

/** Takes from the facts of an archive the settings that only a superuser could have given to a database of this server. */
export async function allowedFacts(facts: GivenFacts, session: SqlSession): Promise<AllowedFacts> {
  if (facts.settings.length === 0) return { facts, withheld: [] }
  const rules = await readSettingRules(session)
  const judged = facts.settings.map(setting => ({ setting, reason: withheldSetting(setting.name, rules) }))
  const settings = judged.filter(({ reason }) => reason === null).map(({ setting }) => setting)
  const withheld = judged.flatMap(({ setting, reason }) => {
    if (reason === null) return []
    const of = setting.role === null ? 'of the database' : `of role ${setting.role} in the database`
    const text = `setting ${setting.name} ${of} was not given: ${reason}`
    return [{ kind: 'setting', name: setting.name, sqlstate: null, text }]
  })
  return { facts: { ...facts, settings }, withheld }
}

/** A setting that a server does not take, and why. */
export interface RefusedSetting {
  readonly setting: DatabaseSetting
  readonly refusal: Refusal
}

/**
 * Gives facts to a database, as statements of our own; `owner` is who owns it. What the server refuses is passed over:
 * whoever looks at the database afterwards sees what is missing. Returns the settings among it.
 */
export async function giveDatabaseFacts(
  facts: GivenFacts,
  names: { readonly database: string; readonly owner: string },
  session: SqlSession,
): Promise<readonly RefusedSetting[]> {
  const refused: RefusedSetting[] = []
  for (const [index, changes] of databaseChanges(facts).entries()) {
    const statements = changes.map(change => changeOf(change, names))
    const refusal = await attempt(session, statements)
    const setting = facts.settings[index]
    if (refusal !== null && setting !== undefined) refused.push({ setting, refusal })
  }
  if (facts.isTemplate === true)
    await attempt(session, [`ALTER DATABASE ${quoteIdentifier(names.database)} IS_TEMPLATE true`])
  return refused
}
