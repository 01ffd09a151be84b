import { OperatorError } from '../../errors.ts'
import { statementsOf } from '../role-statements.ts'

/** As a role is written; words that stand for other roles than one of the archive are no names, in any case. */
const NAME = String.raw`(?:"(?:[^"]|"")+"|(?!(?:all|current_user|current_role|session_user|user|public)\b)[^\s";,]+)`
const LITERAL = String.raw`(?:E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')`

/** What stands between the blocks. */
const SETTING = /^SET (?:client_encoding = 'UTF8'|standard_conforming_strings = on);$/
const BLOCK = /^DO (?<tag>\$backup\d*\$)\n(?<body>.*)\n\k<tag>;$/s

/** What stands in a block, `BEGIN` before it left out. None of it holds an expression, and so none runs anybody's code. */
const PARTS: readonly RegExp[] = [
  new RegExp(`^IF EXISTS \\(SELECT FROM pg_catalog\\.pg_roles WHERE rolname = ${LITERAL}\\) THEN RETURN;$`, 's'),
  /^END IF;$/,
  new RegExp(`^CREATE ROLE ${NAME}(?: WITH [^;]*)?;$`, 'is'),
  new RegExp(`^ALTER ROLE ${NAME} SET .*;$`, 'is'),
  new RegExp(`^COMMENT ON ROLE ${NAME} IS .*;$`, 'is'),
  new RegExp(`^SECURITY LABEL FOR .* ON ROLE ${NAME} IS .*;$`, 'is'),
  new RegExp(`^GRANT ${NAME} TO ${NAME}(?: WITH .*)?;$`, 'is'),
  /^(?:GRANT|REVOKE) .* ON PARAMETER .*;$/s,
  /^EXCEPTION WHEN [a-z_]+(?: OR [a-z_]+)* THEN\s+RAISE WARNING '%', SQLERRM;$/,
  /^END;$/,
]

/**
 * Throws OperatorError('incomplete') unless a roles part holds nothing but what `rolesPart` writes. It is run by a
 * superuser, and an archive may have been changed by whoever could write to the volume.
 */
export function refuseForeignRoles(text: string): void {
  if (statementsOf(text).every(isOurs)) return
  throw new OperatorError(
    'incomplete',
    'roles part: it holds a statement that this program does not write; expected it as it was written',
    { hint: 'somebody may have changed the archive: compare its SHA-256 with another copy' },
  )
}

function isOurs(statement: string): boolean {
  if (SETTING.test(statement)) return true
  const body = BLOCK.exec(statement)?.groups?.body
  return body !== undefined && statementsOf(body).every(isPart)
}

function isPart(statement: string): boolean {
  const bare = statement.replace(/^(?:BEGIN\s+)+/, '')
  return PARTS.some(pattern => pattern.test(bare))
}
