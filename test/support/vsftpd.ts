import { mkdirSync } from 'node:fs'
import path from 'node:path'
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

/** vsftpd, which refuses data connections that do not reuse the TLS session of the control connection. */
export async function startVsftpd(options: FtpServerOptions = {}): Promise<FtpServer> {
  const place = await makePlace('vsftpd', options)
  return await startServer(place, vsftpd(place, options), options)
}

// nss_wrapper and pam_wrapper give it a user that the machine does not have: nothing outside of its folder is changed.
function vsftpd(place: Place, options: FtpServerOptions): Program {
  const { folder, user, password, home, owner } = place
  const program = path.resolve(import.meta.dirname, '../../node_modules/.cache/vsftpd/usr/sbin/vsftpd')
  const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib']
  const library = (name: string): string => found(libraries.map(each => path.join(each, name)))
  const empty = path.join(folder, 'empty')
  mkdirSync(empty)
  const passwd = file(
    folder,
    'passwd',
    `${user}:x:${owner.uid}:${owner.gid}::${home}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nftp:x:65533:65534::${empty}:/bin/false\nroot:x:0:0::/root:/bin/sh\n`,
  )
  const group = file(folder, 'group', 'root:x:0:\nnogroup:x:65534:\n')
  const matrix = library('pam_wrapper/pam_matrix.so')
  const users = file(folder, 'passdb', `${user}:${password}:copies\n`)
  const pam = path.join(folder, 'pam')
  mkdirSync(pam)
  const modules = ['auth', 'account', 'session'].map(each => `${each} required ${matrix} passdb=${users}\n`).join('')
  for (const service of ['copies', 'other']) file(pam, service, modules)
  const lines = [
    'listen=YES',
    'background=NO',
    'listen_address=127.0.0.1',
    `listen_port=${place.port}`,
    'anonymous_enable=NO',
    'local_enable=YES',
    'write_enable=YES',
    'local_umask=077',
    'check_shell=NO',
    'session_support=NO',
    'pam_service_name=copies',
    `secure_chroot_dir=${empty}`,
    'seccomp_sandbox=NO',
    'ssl_enable=YES',
    `rsa_cert_file=${place.certificate}`,
    `rsa_private_key_file=${place.key}`,
    'ssl_ciphers=HIGH',
    'force_local_logins_ssl=YES',
    'force_local_data_ssl=YES',
    'require_ssl_reuse=YES',
    'ssl_sslv2=NO',
    'ssl_sslv3=NO',
    `implicit_ssl=${options.tls === 'implicit' ? 'YES' : 'NO'}`,
    'xferlog_enable=YES',
    `vsftpd_log_file=${folder}/log`,
    'log_ftp_protocol=YES',
    ...(options.lines ?? []),
  ]
  const configuration = file(folder, 'vsftpd.conf', `${lines.join('\n')}\n`)
  return {
    command: found([program]),
    args: [configuration],
    env: {
      LD_PRELOAD: `${library('libnss_wrapper.so')}:${library('libpam_wrapper.so')}`,
      NSS_WRAPPER_PASSWD: passwd,
      NSS_WRAPPER_GROUP: group,
      PAM_WRAPPER: '1',
      PAM_WRAPPER_SERVICE_DIR: pam,
    },
  }
}
