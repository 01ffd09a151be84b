import { OperatorError } from '../../../errors.ts'
import { quoteLiteral } from '../sql/quote.ts'

/** What can be chosen only when a database is made, in the words of a manifest; null is the server's own default. */
export interface DatabaseShape {
  /** PostgreSQL's name of it, such as `UTF8`. */
  readonly encoding: string
  readonly collate: string | null
  readonly ctype: string | null
  /** `libc`, `icu` or `builtin`. */
  readonly localeProvider: string | null
  /** The locale of `icu` or `builtin`. */
  readonly icuLocale: string | null
  /** What changes ICU's own order; absent: nothing does. */
  readonly icuRules?: string
  /** It has no schema public: see `dropPublic`. */
  readonly withoutPublic?: boolean
}

/** The words of CREATE DATABASE for a shape on a server of this major. Throws OperatorError('server') where it can't have it. */
export function shapeClauses(shape: DatabaseShape, serverMajor: number): string {
  return [
    `ENCODING ${quoteLiteral(shape.encoding)}`,
    ...(shape.collate === null ? [] : [`LC_COLLATE ${quoteLiteral(shape.collate)}`]),
    ...(shape.ctype === null ? [] : [`LC_CTYPE ${quoteLiteral(shape.ctype)}`]),
    ...providerClauses(shape, serverMajor),
  ].join(' ')
}

/** The first major that knows the provider for whole databases. */
const SINCE: Readonly<Record<string, number>> = { libc: 0, icu: 15, builtin: 17 }

/** Whether a server of this major can make databases with rules for ICU at all. */
export function knowsIcuRules(serverMajor: number): boolean {
  return serverMajor >= 16
}

/** Whether a server of this major can make databases with the provider at all. */
export function knowsProvider(provider: string, serverMajor: number): boolean {
  return serverMajor >= (SINCE[provider] ?? Number.POSITIVE_INFINITY)
}

function providerClauses(shape: DatabaseShape, serverMajor: number): string[] {
  const provider = shape.localeProvider
  if (provider === null) return []
  if (!knowsProvider(provider, serverMajor)) {
    const message = `locale provider ${provider}: a server of version ${serverMajor} has none; expected version ${SINCE[provider] ?? 'unknown'} or newer`
    throw new OperatorError('server', message)
  }
  // Before 15 there is libc only, and no word for it.
  if (serverMajor < 15) return []
  return [
    `LOCALE_PROVIDER ${provider}`,
    ...localeClause(provider, shape.icuLocale),
    ...rulesClause(shape.icuRules, serverMajor),
  ]
}

function localeClause(provider: string, locale: string | null): string[] {
  if (provider === 'libc' || locale === null) return []
  return [`${provider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE'} ${quoteLiteral(locale)}`]
}

function rulesClause(rules: string | undefined, serverMajor: number): string[] {
  if (rules === undefined) return []
  if (knowsIcuRules(serverMajor)) return [`ICU_RULES ${quoteLiteral(rules)}`]
  const message = `ICU rules: a server of version ${serverMajor} has none for a database; expected version 16 or newer`
  throw new OperatorError('server', message)
}
