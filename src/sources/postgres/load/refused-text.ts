import { OperatorError } from '../../../errors.ts'
import { identifyStatement } from '../sql/statement-identity.ts'

/** Throws at a backslash command of psql but those that pg_dump writes. */
export function refuseMetaCommand(text: string): undefined {
  const command = /^\\(\S*)/.exec(text)?.[1] ?? ''
  if (command === 'restrict' || command === 'unrestrict') return undefined
  throw new OperatorError(
    'incomplete',
    'dump: a backslash command in it; expected none but \\restrict and \\unrestrict',
    {
      logOnly: [text],
    },
  )
}

/** Throws at a statement of the route `refused`. */
export function refuseStatement(statement: Buffer): never {
  const { kind, identity } = identifyStatement(statement)
  throw new OperatorError(
    'incomplete',
    `dump: ${kind} ${identity}: it reaches outside of the database; expected nothing that does`,
    {
      object: identity,
    },
  )
}
