import { OperatorError } from '../../src/errors.ts'

/** The OperatorError that a promise rejects with; anything else fails the test. */
export async function operatorError(promise: Promise<unknown>): Promise<OperatorError> {
  const error = await promise.then(
    () => new Error('it succeeded; expected an OperatorError'),
    (reason: unknown) => reason,
  )
  if (error instanceof OperatorError) return error
  throw error
}
