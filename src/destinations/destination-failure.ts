import { OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { networkReason } from '../system/network-error.ts'

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself and by nobody that is trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody that is trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody that is trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody that is trusted here',
}

/** A failure of the network or of TLS as an OperatorError, null for everything else. `caHint` says how to trust more. */
export function networkFailure(place: string, error: unknown, caHint: string): OperatorError | null {
  const code = codeOf(error)
  const facts = { logOnly: error instanceof Error ? [error.message] : [] }
  const reason = networkReason(code)
  if (reason !== null) return new OperatorError('connection', `${place}: ${reason} (${code})`, facts)
  const certificate = CERTIFICATE[code]
  if (certificate !== undefined) {
    const text = `${place}: ${certificate} (${code}); expected one that can be verified`
    return new OperatorError('configuration', text, { ...facts, hint: caHint })
  }
  if (!/^(ERR_(SSL|TLS|OSSL)|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code)) return null
  const text = `${place}: no TLS connection (${code}); expected TLS 1.2 or newer`
  return new OperatorError('configuration', text, {
    ...facts,
    hint: 'check the address, its port, and the TLS versions of the server',
  })
}
