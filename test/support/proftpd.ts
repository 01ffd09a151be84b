import { execFileSync } from 'node:child_process'
import {
  type FtpServer,
  type FtpServerOptions,
  file,
  found,
  makePlace,
  type Place,
  type Program,
  startServer,
} from './ftp-server.ts'

/** ProFTPD with a virtual user, which refuses data connections without session reuse too. */
export async function startProftpd(options: FtpServerOptions = {}): Promise<FtpServer> {
  const place = await makePlace('proftpd', options)
  return await startServer(place, proftpd(place, options), options)
}

function proftpd(place: Place, options: FtpServerOptions): Program {
  const { folder, user, password, home, owner } = place
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim()
  const users = file(folder, 'users', `${user}:${hash}:${owner.uid}:${owner.gid}::${home}:/bin/sh\n`)
  const version = { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' }[options.tlsVersion ?? '1.3']
  const lines = [
    'ModulePath /usr/lib/proftpd',
    'LoadModule mod_tls.c',
    'LoadModule mod_digest.c',
    'ServerType standalone',
    'DefaultAddress 127.0.0.1',
    `Port ${place.port}`,
    'SocketBindTight on',
    'UseIPv6 off',
    ...(process.getuid?.() === 0 ? ['User nobody', 'Group nogroup'] : []),
    `PidFile ${folder}/pid`,
    `ScoreboardFile ${folder}/scoreboard`,
    `DelayTable none`,
    `SystemLog ${folder}/log`,
    'WtmpLog off',
    `TransferLog ${folder}/transfers`,
    `AuthUserFile ${users}`,
    'AuthOrder mod_auth_file.c',
    'RequireValidShell off',
    'UseFtpUsers off',
    'AuthPAM off',
    'AllowOverwrite on',
    'AllowStoreRestart on',
    'Umask 077',
    'UseReverseDNS off',
    'DigestEngine on',
    'TLSEngine on',
    'TLSRequired on',
    `TLSProtocol ${version}`,
    `TLSRSACertificateFile ${place.certificate}`,
    `TLSRSACertificateKeyFile ${place.key}`,
    `TLSLog ${folder}/tls`,
    'TLSVerifyClient off',
    ...(options.tls === 'implicit' ? ['TLSOptions UseImplicitSSL'] : []),
    ...(options.lines ?? []),
  ]
  const configuration = file(folder, 'proftpd.conf', `${lines.join('\n')}\n`, 0o644)
  return { command: found(['/usr/sbin/proftpd']), args: ['-n', '-q', '-c', configuration] }
}
