/**
 * Something about the configuration that a person should mend. A `problem` makes the run exit 10, a `warning` never
 * changes the exit code. `place` is a variable's name or `<file>:<line>`; `text` reads "<what was found>; expected
 * <what>", starts in lower case and never holds a secret.
 */
export interface Problem {
  readonly severity: 'problem' | 'warning'
  readonly place: string
  readonly text: string
  readonly hint?: string
}

/** Whether it changes the exit code. */
export function isProblem({ severity }: Problem): boolean {
  return severity === 'problem'
}

/** The problems, warnings aside, in one line each. */
export function problemTexts(problems: readonly Problem[]): readonly string[] {
  return problems.filter(isProblem).map(({ place, text }) => `${place}: ${text}`)
}
