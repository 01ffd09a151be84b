import { readPlainFileSync } from '../system/plain-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'

/**
 * The whole text of a file that a `…_FILE` variable names; Kubernetes mounts a Secret as links. Throws a FileFault for what
 * is no plain file, or too large for a secret, and what the system says.
 */
export function readSecretFile(path: string): string {
  return readPlainFileSync(path, { mostBytes: MOST_BYTES.secret, links: 'follow' }).toString('utf8')
}
