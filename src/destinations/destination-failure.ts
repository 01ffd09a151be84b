import { type FailureKind, OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { networkReason } from '../system/network-error.ts'

/** What an error says about the destination. */
export interface Meaning {
  readonly kind: FailureKind
  readonly found: string
  readonly hint?: string
}

export const SILENT: Meaning = { kind: 'connection', found: 'it does not answer' }
export const BUSY: Meaning = { kind: 'connection', found: 'the server could not do it now' }

/** `where` the room is that is used up: in the bucket, on the server. */
export function full(where: string): Meaning {
  const found = 'no space is left there, or the quota is used up'
  return { kind: 'space', found, hint: `make room ${where}, or keep fewer copies` }
}

/** What was tried, and what came back. */
export interface FailedStep {
  readonly place: string
  /** What could not be done. */
  readonly step: string
  /** The other side's own word or number for it; null where it did not say one. */
  readonly answer: string | number | null
  /** Its text, for the log alone. */
  readonly said: string
  /** The variable that names a file of more certificates to trust. */
  readonly caVariable: string
}

/** An error as an OperatorError that may leave the pod; anything that has no meaning is a bug and stays as it is. */
export function destinationFailure(error: Error, meaning: Meaning | null, failed: FailedStep): Error {
  const { place, step, answer, said, caVariable } = failed
  if (meaning === null) return networkFailure(place, error, caVariable) ?? error
  const found = answer === null ? meaning.found : `${meaning.found} (${answer})`
  return new OperatorError(meaning.kind, `${place}: could not ${step}: ${found}`, {
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    logOnly: [said],
  })
}

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself and by nobody that is trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody that is trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody that is trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody that is trusted here',
}

/** A failure of the network or of TLS as an OperatorError, null for everything else. */
function networkFailure(place: string, error: Error, caVariable: string): OperatorError | null {
  const code = codeOf(error)
  const facts = { logOnly: [error.message] }
  const reason = networkReason(code)
  if (reason !== null) return new OperatorError('connection', `${place}: ${reason} (${code})`, facts)
  const certificate = CERTIFICATE[code]
  if (certificate !== undefined) {
    const text = `${place}: ${certificate} (${code}); expected one that can be verified`
    return new OperatorError('configuration', text, {
      ...facts,
      hint: `give its certificate authority in ${caVariable}`,
    })
  }
  if (!/^(ERR_(SSL|TLS|OSSL)|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code)) return null
  const text = `${place}: no TLS connection (${code}); expected TLS 1.2 or newer`
  return new OperatorError('configuration', text, {
    ...facts,
    hint: 'check the address, its port, and the TLS versions of the server',
  })
}
