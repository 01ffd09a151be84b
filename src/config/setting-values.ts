import { z } from 'zod'
import { parseDuration, parsePeriod } from './duration.ts'
import { parseFtpAddress } from './ftp-address.ts'
import { parseKeepRule } from './keep-rule.ts'
import type { Problem } from './problem.ts'
import { KIND_HELP, SETTINGS, type SettingDefinition, type SettingKind, type SettingName } from './settings-table.ts'
import { parseSftpAddress } from './sftp-address.ts'
import { isTimeZone, zoneWarning } from './time-zone-name.ts'

/** The container's environment; an empty variable is an unset one. */
export type Environment = Readonly<Record<string, string | undefined>>

// A longer wait overflows Node's timers and PostgreSQL's lock_timeout, which would then not wait at all.
const LONGEST_MS = 24 * 86_400_000

/** What waits for a period looks at the clock in between, so that this limit only catches slips of the pen. */
const LONGEST_PERIOD_MS = 366 * 86_400_000

const words = z.string().trim().toLowerCase()
const number = z
  .string()
  .trim()
  .regex(/^\d{1,9}$/)
  .transform(Number)

const KINDS = {
  text: z.string(),
  path: z.string(),
  port: number.pipe(z.number().min(1).max(65_535)),
  count: number,
  'keep rule': z
    .string()
    .trim()
    .transform(parseKeepRule)
    .refine(rule => rule !== null),
  'positive count': number.pipe(z.number().min(1)),
  percentage: number.pipe(z.number().max(100)),
  duration: z.string().trim().transform(parseDuration).pipe(z.number().max(LONGEST_MS)),
  'hook time': z.string().trim().transform(parseDuration).pipe(z.number().min(1).max(LONGEST_MS)),
  strategy: words.pipe(z.enum(['rolling', 'daily'])),
  'log level': words.pipe(z.enum(['debug', 'info', 'warn', 'error'])),
  sslmode: words.pipe(z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])),
  'time zone': z.string().trim().refine(isTimeZone),
  period: z.string().trim().transform(parsePeriod).pipe(z.number().min(1).max(LONGEST_PERIOD_MS)),
  'listening port': number.pipe(z.number().max(65_535)),
  'yes or no': words.pipe(z.stringbool()),
  'ftp address': z
    .string()
    .transform(parseFtpAddress)
    .refine(address => address !== null),
  'ftp tls': words.pipe(z.enum(['required', 'insecure', 'off'])),
  'sftp address': z
    .string()
    .transform(parseSftpAddress)
    .refine(address => address !== null),
  'server address': z.string().trim().refine(isServerAddress),
  'copy retention': words.pipe(z.enum(['mirror', 'keep'])),
  URL: z
    .string()
    .trim()
    .pipe(z.url({ protocol: /^https?$/ })),
  'webhook format': words.pipe(z.enum(['form', 'json'])),
  occasion: words.pipe(z.enum(['all', 'changes', 'failures'])),
  sharing: words.pipe(z.enum(['group', 'owner'])),
} satisfies Readonly<Record<SettingKind, z.ZodType>>

/** People write user and password into addresses. */
const MAY_HOLD_PASSWORD: ReadonlySet<SettingKind> = new Set(['ftp address', 'sftp address', 'server address'])

type ValueOf<Kind extends SettingKind> = z.output<(typeof KINDS)[Kind]>

/** Every setting as the program uses it: the environment's value, else the default, else null. */
export type SettingValues = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]['kind']> | null }

export interface ReadSettings {
  readonly values: SettingValues
  /** Settings whose value could not be read, so that their default stands in `values`. */
  readonly invalid: ReadonlySet<SettingName>
  readonly problems: readonly Problem[]
}

/** The environment without its empty variables. */
export function dropEmpty(env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''))
}

/** One value of the given kind, or the problem with it, at `place`. */
export function readValue<Kind extends SettingKind>(
  kind: Kind,
  place: string,
  text: string,
): { readonly value: ValueOf<Kind> } | { readonly problem: Problem } {
  const parsed = KINDS[kind].safeParse(text)
  if (parsed.success) return { value: parsed.data as ValueOf<Kind> }
  const found = MAY_HOLD_PASSWORD.has(kind)
    ? 'what is set'
    : JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
  return { problem: { severity: 'problem', place, text: `${found} cannot be used; expected ${KIND_HELP[kind]}` } }
}

/** Reads every setting of the table and reports all that is wrong at once. Secrets are left to `credentials.ts`. */
export function readSettings(env: Readonly<Record<string, string>>): ReadSettings {
  const values: Record<string, unknown> = {}
  const invalid = new Set<SettingName>()
  const problems: Problem[] = []
  for (const [name, definition] of Object.entries(SETTINGS) as [SettingName, SettingDefinition][]) {
    values[name] = defaultOf(definition)
    const text = env[name]
    if (text === undefined || definition.secret === true) continue
    const read = readValue(definition.kind, name, text)
    if ('value' in read) values[name] = read.value
    else {
      invalid.add(name)
      problems.push(withConsequence(read.problem, definition))
    }
  }
  const warning = zoneWarning('TZ', String(values.TZ))
  return { values: values as SettingValues, invalid, problems: warning === null ? problems : [...problems, warning] }
}

function defaultOf(definition: SettingDefinition): unknown {
  return definition.default === null ? null : KINDS[definition.kind].parse(definition.default)
}

/** A person should learn what happens instead. */
function withConsequence(problem: Problem, definition: SettingDefinition): Problem {
  if (definition.kind === 'sslmode') return { ...problem, hint: 'databases that depend on it are not tried' }
  if (definition.kind === 'sharing') return { ...problem, hint: 'until then what is made is open to its owner only' }
  if (definition.kind === 'keep rule' || definition.kind === 'strategy')
    return { ...problem, hint: 'until then nothing is pruned' }
  return definition.default === null ? problem : { ...problem, hint: `until then it is ${definition.default}` }
}

function isServerAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return url.username === '' && url.password === '' && url.search === '' && url.hash === ''
}
