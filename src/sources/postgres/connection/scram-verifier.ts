import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** PostgreSQL's default number of rounds (scram-common.h). */
const ITERATIONS = 4096

/**
 * What the server keeps in place of a password (RFC 5803 as pg_authid has it), so that the password itself is in no
 * statement, and in no log of statements. The password must be ASCII: nothing is prepared with SASLprep.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256')
  const storedKey = createHash('sha256').update(keyed(salted, 'Client Key')).digest('base64')
  const serverKey = keyed(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

function keyed(salted: Buffer, text: string): Buffer {
  return createHmac('sha256', salted).update(text).digest()
}
