import type { SftpSettings } from '../../config/sftp-settings.ts'

/** Names of the files in the folder that ssh is given for a login. A name without space, `%` or `$` needs no quoting. */
export const LOGIN_FILES = {
  knownHosts: 'known_hosts',
  key: 'key',
  askpass: 'askpass',
  passphrase: 'passphrase',
  password: 'password',
  passwd: 'passwd',
} as const

export interface SshTimes {
  readonly connectSeconds: number
  readonly aliveSeconds: number
}

/** Arguments of an ssh that trusts the known hosts only, takes nothing from the user's own files, and runs the server's SFTP. */
export function sshArguments(settings: SftpSettings, folder: string, times: SshTimes): readonly string[] {
  const { address, keyFile, passphrase, password } = settings
  const asks = passphrase !== null || password !== null
  const options = [
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${folder}/${LOGIN_FILES.knownHosts}`,
    'GlobalKnownHostsFile=none',
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `PreferredAuthentications=${methodsOf(settings).join(',')}`,
    ...(keyFile === null ? ['PubkeyAuthentication=no'] : [`IdentityFile=${folder}/${LOGIN_FILES.key}`]),
    // With it ssh asks for nothing, also not the program that would answer.
    `BatchMode=${asks ? 'no' : 'yes'}`,
    'NumberOfPasswordPrompts=1',
    'ControlMaster=no',
    'ControlPath=none',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'Compression=no',
    // Before ChaCha20, where the server has it: processors have instructions for it, and both sides need less time.
    'Ciphers=^aes128-gcm@openssh.com',
    'EscapeChar=none',
    'LogLevel=ERROR',
    `ConnectTimeout=${times.connectSeconds}`,
    `ServerAliveInterval=${times.aliveSeconds}`,
    'ServerAliveCountMax=2',
  ]
  const to = ['-l', address.user, '-p', `${address.port}`, '-s', '--', address.host, 'sftp']
  return ['-F', 'none', '-T', '-a', '-x', ...options.flatMap(option => ['-o', option]), ...to]
}

function methodsOf({ keyFile, password }: SftpSettings): readonly string[] {
  return [
    ...(keyFile === null ? [] : ['publickey']),
    ...(password === null ? [] : ['password', 'keyboard-interactive']),
  ]
}

/**
 * What ssh calls when it wants to know something, with its question. What a server asks never begins like this one: ssh
 * puts user and host before it.
 */
export const ASKPASS = `#!/bin/sh
case $1 in
"Enter passphrase for key '"*) exec cat "\${0%/*}/${LOGIN_FILES.passphrase}" ;;
*) exec cat "\${0%/*}/${LOGIN_FILES.password}" ;;
esac
`
