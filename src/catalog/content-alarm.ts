import type { Manifest } from './manifest.ts'

/** What an archive lacks, until a person has said that this is right. */
type RecordedAlarm = NonNullable<Manifest['alarm']>

type WithAlarm = { readonly alarm?: RecordedAlarm } | null

/** The alarm of an archive that nobody has taken for right, by its manifest; null where there is none. */
export function standingAlarm(manifest: WithAlarm): RecordedAlarm | null {
  const alarm = manifest?.alarm
  return alarm === undefined || alarm.accepted !== undefined ? null : alarm
}

/** Whether a value of a manifest's field is one, for those who read it without the schema. */
export function isContentAlarm(value: unknown): value is RecordedAlarm {
  if (!isObject(value) || typeof value.id !== 'string' || !isInstant(value.since)) return false
  if (typeof value.against !== 'string' || !Number.isSafeInteger(value.more)) return false
  const isAccepted = value.accepted === undefined || (isObject(value.accepted) && isInstant(value.accepted.at))
  return isAccepted && Array.isArray(value.findings) && value.findings.every(isFinding)
}

function isFinding(value: unknown): boolean {
  if (!isObject(value) || typeof value.kind !== 'string') return false
  const isNamed = value.table === null || typeof value.table === 'string'
  return isNamed && Number.isSafeInteger(value.before) && Number.isSafeInteger(value.now)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
