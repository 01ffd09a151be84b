import type { Remark } from '../events.ts'

/** One line for a person; what it is about comes first where the text does not say it. */
export function remarkText({ name, text, sqlstate }: Remark): string {
  const about = name === null || text.includes(name) ? text : `${name}: ${text}`
  return sqlstate === null ? about : `${about} (SQLSTATE ${sqlstate})`
}
