import type { Remark } from '../../../events.ts'
import { attempt, type SqlSession } from '../connection/sql-session.ts'
import { changeOf, databaseChanges } from './database-changes.ts'
import type { GivenFacts } from './database-facts.ts'
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

/**
 * Gives facts to a database, as statements of our own; `owner` is who owns it. What the server refuses is passed over:
 * whoever looks at the database afterwards sees what is missing.
 */
export async function giveDatabaseFacts(
  facts: GivenFacts,
  names: { readonly database: string; readonly owner: string },
  session: SqlSession,
): Promise<void> {
  for (const changes of databaseChanges(facts))
    await attempt(
      session,
      changes.map(change => changeOf(change, names)),
    )
}
