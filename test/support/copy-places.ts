import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FtpServer } from './ftp-server.ts'
import type { S3Server } from './s3-server.ts'
import type { SshServer } from './ssh-server.ts'

/** The environment of a program that sends copies to a folder of this FTP server. */
export function ftpEnvironment(server: FtpServer, place: string): Record<string, string> {
  return {
    FTP_URL: `ftp://127.0.0.1:${server.port}/${place}/`,
    FTP_USER: server.user,
    FTP_PASSWORD: server.password,
    FTP_CA_FILE: server.certificate,
  }
}

/** The environment of a program that sends copies to this S3 server, under a prefix. */
export function s3Environment(server: S3Server, place: string): Record<string, string> {
  const { endpoint, accessKey, secretKey, bucket } = server.settings()
  const keys = { S3_USER: accessKey, S3_PASSWORD: secretKey.reveal() }
  return { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_PREFIX: place, ...keys }
}

/** The environment of a program that sends copies to a folder of this SSH server. */
export function sftpEnvironment(server: SshServer, place: string): Record<string, string> {
  return {
    SFTP_URL: `sftp://${server.user}@127.0.0.1:${server.port}/~/${place}/`,
    SFTP_KEY_FILE: server.keyFile,
    SFTP_KNOWN_HOSTS_FILE: server.knownHostsFile,
  }
}

const OBJECT = '._S3rver_object'

type CopyServer = FtpServer | S3Server | SshServer

/** The names of the files in a folder, or under a prefix, sorted; none where there is no such folder. */
export function namesAt(server: CopyServer, place: string): readonly string[] {
  const folder = folderOf(server, place)
  const names = existsSync(folder) ? readdirSync(folder) : []
  if ('home' in server) return names.toSorted()
  return names.flatMap(name => (name.endsWith(OBJECT) ? [name.slice(0, -OBJECT.length)] : [])).toSorted()
}

/** Where a file of this name lies on the disk of the server. */
export function pathAt(server: CopyServer, place: string, name: string): string {
  return join(folderOf(server, place), 'home' in server ? name : name + OBJECT)
}

function folderOf(server: CopyServer, place: string): string {
  return 'home' in server ? join(server.home, place) : join(server.directory, server.bucket, place)
}
