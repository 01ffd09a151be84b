import type { Remark } from '../../../events.ts'

/** What is chosen when a database is made; null and absent: not known. */
export interface ComparedShape {
  readonly encoding?: string | null
  readonly collate?: string | null
  readonly ctype?: string | null
  readonly localeProvider?: string | null
  readonly icuLocale?: string | null
  /** Absent: there are none. */
  readonly icuRules?: string
}

/** What belongs to a database and pg_dump leaves out, as a manifest keeps it. */
export interface ComparedFacts {
  readonly owner: string | null
  readonly settings: readonly { readonly role: string | null; readonly name: string; readonly value: string }[]
  /** Empty: the rights of every new database. */
  readonly acl: readonly {
    readonly grantee: string | null
    readonly privileges: readonly string[]
    readonly grantable: readonly string[]
  }[]
  readonly comment: string | null
  readonly connectionLimit: number | null
  readonly isTemplate?: boolean
  readonly withoutPublic?: boolean
}

/**
 * Compares what the database part of an archive gave to a database with what the manifest says was there. The two owners
 * stand for one another. Values are not quoted: they may hold secrets.
 */
export function compareFacts(expected: ComparedFacts, found: ComparedFacts): readonly Remark[] {
  return [
    ...compareNamed('setting', settingsOf(expected), settingsOf(found)),
    ...compareNamed('right', rightsOf(expected), rightsOf(found)),
    ...(expected.comment === found.comment ? [] : [remark('comment', null, 'it came back as another one')]),
    ...(expected.connectionLimit === found.connectionLimit
      ? []
      : [remark('connection limit', null, 'it came back as another one')]),
    ...(isSet(expected.isTemplate) === isSet(found.isTemplate) ? [] : [remark('being a template', null, 'it differs')]),
    ...(isSet(expected.withoutPublic) && !isSet(found.withoutPublic)
      ? [remark('schema', 'public', 'it came back and was not there')]
      : []),
  ]
}

const SHAPE = [
  ['encoding', 'encoding'],
  ['collate', 'LC_COLLATE'],
  ['ctype', 'LC_CTYPE'],
  ['localeProvider', 'locale provider'],
  ['icuLocale', 'locale'],
] as const

/** Compares what is chosen when a database is made with what was found of it. */
export function compareShape(expected: ComparedShape, found: ComparedShape): readonly Remark[] {
  const different = SHAPE.filter(([key]) => (expected[key] ?? null) !== null && expected[key] !== found[key])
  const isOfOtherRules = expected.icuRules !== found.icuRules
  return [...different.map(([, word]) => word), ...(isOfOtherRules ? ['ICU rules'] : [])].map(word =>
    remark(word, null, 'it came back as another one'),
  )
}

function isSet(fact: boolean | undefined): boolean {
  return fact === true
}

function compareNamed(
  kind: string,
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): readonly Remark[] {
  const missing = [...expected].flatMap(([name, value]) => {
    const back = found.get(name)
    if (back === value) return []
    return [remark(kind, name, back === undefined ? 'it did not come back' : 'it came back as another one')]
  })
  const extra = [...found.keys()].filter(name => !expected.has(name))
  return [...missing, ...extra.map(name => remark(kind, name, 'it came back and was not there'))]
}

function settingsOf({ settings }: ComparedFacts): ReadonlyMap<string, string> {
  return new Map(settings.map(({ role, name, value }) => [role === null ? name : `${name} of role ${role}`, value]))
}

function rightsOf({ acl, owner }: ComparedFacts): ReadonlyMap<string, string> {
  const nameOf = (grantee: string | null): string =>
    grantee === null ? 'of everybody' : grantee === owner ? 'of the owner' : `of role ${grantee}`
  return new Map(
    acl.map(({ grantee, privileges, grantable }) => [
      nameOf(grantee),
      `${privileges.toSorted().join()}/${grantable.toSorted().join()}`,
    ]),
  )
}

function remark(kind: string, name: string | null, found: string): Remark {
  const about = name === null ? `the ${kind} of the database` : `${kind} ${name} of the database`
  return { kind, name, sqlstate: null, text: `${about}: ${found}` }
}
