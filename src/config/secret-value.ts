import { fileWords } from '../errors.ts'
import type { Problem } from './problem.ts'

/** A secret with the variable that gave it. `from` set and `value` null: a variable names it, but it can't be had. */
export interface FoundSecret {
  readonly value: string | null
  readonly from: string | null
  readonly problems: readonly Problem[]
}

export interface SecretInput {
  readonly env: Readonly<Record<string, string>>
  /** The whole text of a file; throws when it can't be read. */
  readonly readSecretFile: (path: string) => string
}

/**
 * Reads `NAME`, or the file that `NAME_FILE` names, less one newline at its end. A file that can't be used is a problem
 * and never falls back to another secret. When both are set, `NAME` is used and that is a problem too.
 */
export function readSecret(name: string, input: SecretInput): FoundSecret {
  const fileVariable = `${name}_FILE`
  const direct = input.env[name]
  const path = input.env[fileVariable]
  if (direct !== undefined) {
    const both = problem(fileVariable, `set besides ${name}; expected one of the two`, `until then ${name} is used`)
    return { value: direct, from: name, problems: path === undefined ? [] : [both] }
  }
  return path === undefined ? { value: null, from: null, problems: [] } : readFile(fileVariable, path, input)
}

function readFile(fileVariable: string, path: string, input: SecretInput): FoundSecret {
  const fault = (text: string): FoundSecret => ({
    value: null,
    from: fileVariable,
    problems: [problem(fileVariable, text)],
  })
  try {
    const value = input.readSecretFile(path).replace(/\r?\n$/, '')
    if (value === '') return fault('the file is empty; expected a secret')
    if (value.includes('\0')) return fault('the file holds a NUL byte; expected text')
    return { value, from: fileVariable, problems: [] }
  } catch (error) {
    return fault(`the secret's file: ${fileWords(error)}`)
  }
}

function problem(place: string, text: string, hint?: string): Problem {
  return { severity: 'problem', place, text, ...(hint === undefined ? {} : { hint }) }
}
