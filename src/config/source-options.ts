import { type KeepRules, parseKeepRule } from './keep-rule.ts'

/** What a line asks for of retention; the settings say the rest. */
export type OwnKeep = Partial<KeepRules>

/** What stands behind the `?` of a line. */
export interface SourceOptions {
  /** Null: it could not be read, so nothing of this source is pruned. */
  readonly keep?: OwnKeep | null
  /** Which losses are no alarm: all of them, or those of some tables. */
  readonly alarm?: OwnAlarm
}

/** What a line says of alarms. */
export interface OwnAlarm {
  readonly off: boolean
  /** As a manifest names them. */
  readonly except: readonly string[]
}

/** The options of a line, and what is wrong with them: faults of known ones, and names that nothing reads. */
export interface ReadSourceOptions {
  readonly options: SourceOptions
  readonly faults: readonly OptionFault[]
  readonly unknown: readonly string[]
}

/** What is wrong with the value of an option. */
export interface OptionFault {
  readonly fault: string
  readonly hint?: string
}

type Reading = { readonly found: SourceOptions } | OptionFault

interface KnownOption {
  /** The value is decoded. */
  read(value: string): Reading
  /** What stands where it cannot be read. */
  readonly unreadable: SourceOptions
}

const KNOWN: Readonly<Record<string, KnownOption>> = {
  keep: { read: readKeep, unreadable: { keep: null } },
  alarm: { read: readAlarm, unreadable: {} },
  // Of the bash tool; it does nothing.
  verifySchema: { read: () => ({ found: {} }), unreadable: {} },
}

/** Reads `name=value&name=value`, where what would be misread is percent-encoded. Of a name that stands twice, the last counts. */
export function readSourceOptions(text: string): ReadSourceOptions {
  const read = text.split('&').flatMap(parameter => {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(parameter) ?? []
    return name === '' ? [] : [{ name, reading: readOption(name, value) }]
  })
  const known = read.flatMap(({ name, reading }) => (reading === null ? [] : [{ name, reading }]))
  const found = known.map(({ name, reading }) => ('fault' in reading ? KNOWN[name]?.unreadable : reading.found))
  return {
    options: Object.assign({}, ...found) as SourceOptions,
    faults: known.flatMap(({ reading }) => ('fault' in reading ? [reading] : [])),
    unknown: read.flatMap(({ name, reading }) => (reading === null ? [name] : [])),
  }
}

/** Null for a name that nothing reads. */
function readOption(name: string, value: string): Reading | null {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined
  if (known === undefined) return null
  try {
    return known.read(decodeURIComponent(value))
  } catch {
    return { fault: `${name}= holds a % that begins no valid encoding; expected %25 for a % itself` }
  }
}

function readAlarm(value: string): Reading {
  if (value === 'off') return { found: { alarm: { off: true, except: [] } } }
  const [, names = ''] = /^except:(.+)$/s.exec(value) ?? []
  const except = names.split(',')
  if (names !== '' && !except.includes('')) return { found: { alarm: { off: false, except } } }
  const fault = 'alarm= cannot be used; expected off, or except:public.queue,public.session'
  return { fault, hint: 'until then every loss of it is an alarm' }
}

const TIER_NAMES = ['daily', 'weekly', 'monthly', 'yearly'] as const
const KEEP_HINT = 'until then nothing of it is pruned'
const KEEP_SHAPE = 'keep=daily:7d,weekly:28d,monthly:12,yearly:3, or keep=31 for the daily strategy'

function readKeep(value: string): Reading {
  const parts = value.split(',').map(readPart)
  const keep = Object.fromEntries(parts.flatMap(part => (part === null ? [] : [part]))) as OwnKeep
  const isWhole = parts.every(part => part !== null) && Object.keys(keep).length === parts.length
  if (isWhole) return { found: { keep } }
  return { fault: `keep= cannot be used; expected ${KEEP_SHAPE}`, hint: KEEP_HINT }
}

function readPart(text: string): readonly [keyof KeepRules, NonNullable<ReturnType<typeof parseKeepRule>>] | null {
  const [rule, tier] = text.split(':').toReversed()
  const parsed = parseKeepRule(rule ?? '')
  if (parsed === null || text.split(':').length > 2) return null
  if (tier === undefined) return ['all', parsed]
  const known = TIER_NAMES.find(name => name === tier)
  return known === undefined ? null : [known, parsed]
}
