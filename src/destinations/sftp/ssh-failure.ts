import { type Meaning, SILENT } from '../destination-failure.ts'

const LOGIN_REFUSED: Meaning = {
  kind: 'authentication',
  found: 'the login was refused',
  hint: 'check the user in SFTP_URL, that the server knows the public half of SFTP_KEY_FILE, and SFTP_KEY_PASSPHRASE or SFTP_PASSWORD',
}

/** What ssh says on stderr, by the first that fits; its words have been the same for years, those of others are not ours to know. */
const KNOWN: readonly (readonly [RegExp, Meaning])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/,
    {
      kind: 'configuration',
      found: 'its host key is another one than SFTP_KNOWN_HOSTS_FILE has; expected that one',
      hint: 'somebody may stand in between; ask who runs the server for its key, and only then change the file',
    },
  ],
  [
    /No \S+ host key is known for|Host key verification failed/,
    {
      kind: 'configuration',
      found: 'its host key is not known; expected a line for it in SFTP_KNOWN_HOSTS_FILE',
      hint: 'ssh-keyscan -p PORT HOST prints the lines; compare the key with what who runs the server says',
    },
  ],
  [
    /incorrect passphrase supplied|bad decrypt/i,
    {
      kind: 'authentication',
      found: 'SFTP_KEY_FILE cannot be opened; expected SFTP_KEY_PASSPHRASE to be that of the key',
      hint: 'ssh-keygen -y -f KEY tells whether a passphrase is right',
    },
  ],
  [
    /UNPROTECTED PRIVATE KEY FILE|bad permissions/,
    {
      kind: 'configuration',
      found: 'ssh refuses SFTP_KEY_FILE, because others may read it; expected mode 0600, or 0640 of another owner',
      hint: 'a Secret that is mounted with defaultMode 0440 (and fsGroup) is accepted',
    },
  ],
  [
    /Load key .*: (invalid format|error in libcrypto|.*not a.*key)/i,
    { kind: 'configuration', found: 'SFTP_KEY_FILE is no private key; expected one of OpenSSH' },
  ],
  [/Permission denied|Too many authentication failures|No supported authentication methods/, LOGIN_REFUSED],
  [
    /No user exists for uid/,
    {
      kind: 'tools',
      found: 'this user has no name, and libnss_wrapper.so is not installed',
      hint: 'install libnss-wrapper (Debian) or nss_wrapper-libs (Red Hat)',
    },
  ],
  [
    /subsystem request failed/,
    {
      kind: 'configuration',
      found: 'the server offers no SFTP to this user; expected the subsystem sftp',
      hint: 'ask who runs the server; OpenSSH needs a line "Subsystem sftp internal-sftp"',
    },
  ],
  [
    /Unable to negotiate|no matching (host key|key exchange|cipher|MAC)/,
    {
      kind: 'configuration',
      found: 'ssh and the server know no common way to encrypt',
      hint: 'the server is too old, or SFTP_KNOWN_HOSTS_FILE has a key of a kind that it does not offer',
    },
  ],
  [
    /Could not resolve hostname.*(Name or service not known|No address)/,
    { kind: 'connection', found: 'its host name is not known' },
  ],
  [/Could not resolve hostname/, { kind: 'connection', found: 'its host name could not be looked up' }],
  [/Connection refused/, { kind: 'connection', found: 'it refused the connection' }],
  [/timed out|Timeout, server .* not responding/i, SILENT],
  [/No route to host|Network is unreachable/, { kind: 'connection', found: 'there is no route to it' }],
]

export const LOST: Meaning = { kind: 'connection', found: 'the connection was lost' }

/** What ssh's last lines mean; a connection that was lost where they say nothing else. */
export function meaningOfSsh(lines: readonly string[]): Meaning {
  const text = lines.join('\n')
  return KNOWN.find(([pattern]) => pattern.test(text))?.[1] ?? LOST
}
