import type { Problem } from './problem.ts'

/** Variables of the bash container whose part of the work this version does not do. */
const UNUSED: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^BACKUP_PERIOD$/, 'runs by itself'],
  [/^FTP_(URL|USER|PASSWORD)$/, 'copies by FTP'],
  [/^S3_(USER|PASSWORD|ENDPOINT|BUCKET)$/, 'copies to S3'],
  [/^WEBHOOK_URL$|^PGDUTY_(SVC_KEY|URL)$/, 'sends messages'],
]

/** A warning for each set variable that promises what this version does not do: silence would be taken for a yes. */
export function unusedVariables(env: Readonly<Record<string, string>>): readonly Problem[] {
  return Object.keys(env).flatMap(name => {
    const what = UNUSED.find(([pattern]) => pattern.test(name))?.[1]
    if (what === undefined) return []
    return [{ severity: 'warning', place: name, text: `set, and without effect: nothing ${what} in this version` }]
  })
}
