import type { Problem } from './problem.ts'
import type { SecretInput } from './secret-value.ts'

/** What becomes of a copy whose archive was removed from the volume: it goes too, or it stays for ever. */
export type CopyRetention = 'mirror' | 'keep'

/** Null: copies there are not asked for, or what is set can't be used, which is a problem. */
export interface ReadDestination<Settings> {
  readonly settings: Settings | null
  readonly problems: readonly Problem[]
}

/** What is set and cannot be used has its problem already, and is not called unset besides. */
export function missing(
  needed: Readonly<Record<string, unknown>>,
  { values, input }: { readonly values: object; readonly input: SecretInput },
  consequence: string,
): readonly Problem[] {
  const isUnusable = (name: string): boolean => Reflect.get(values, name) === null && Boolean(input.env[name])
  const names = Object.keys(needed).filter(name => needed[name] === null && !isUnusable(name))
  return names.map(name => problem(name, 'not set; expected it besides the others of this destination', consequence))
}

export function problem(place: string, text: string, hint: string): Problem {
  return { severity: 'problem', place, text, hint }
}
