import { randomBytes } from 'node:crypto'
import { open, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { FtpServer } from '../../../test/support/ftp-server.ts'
import { type SshServer, startSshServer } from '../../../test/support/ssh-server.ts'
import { startVsftpd } from '../../../test/support/vsftpd.ts'
import { type Contestant, compareInTurn, type Measurement, type Report } from './compare.ts'
import { makeBenchFolder } from './folder.ts'
import type { BenchOptions } from './options.ts'
import { root } from './ours.ts'
import { pageHead } from './pages.ts'
import type { SuiteResult } from './suite.ts'
import { commandTable, mebibytes, ratioTable, table } from './table.ts'

const PIECE = 1_000_000
/** The smaller file, as a part of the larger one: memory must not depend on the size. */
const SMALLER = 0.25

/** A server that copies go to, with our way there and another one. */
interface Way {
  readonly title: string
  beside(file: string): Promise<Contestant>
  ours(file: string): Contestant
}

/**
 * Measures copies to an FTPS and an SFTP server that it starts on loopback, of two files that don't compress, as archives
 * don't.
 */
export async function measureUpload(options: BenchOptions, report: Report, signal: AbortSignal): Promise<string> {
  using folder = makeBenchFolder()
  await using ftp = await startVsftpd({ home: path.join(folder.path, 'login') })
  await using ssh = await startSshServer({ home: path.join(folder.path, 'ssh-login') })
  const stop = (): void => void Promise.all([ftp.kill(), ssh.kill()])
  signal.addEventListener('abort', stop, { once: true })
  const suites: SuiteResult[] = []
  for (const megabytes of [Math.max(1, Math.round(options.size * SMALLER)), options.size]) {
    const file = await randomFile(path.join(folder.path, `archive-${megabytes}.gz`), megabytes)
    for (const way of [byFtps(folder.path, ftp), bySftp(folder.path, ssh)]) {
      const title = `a file of ${megabytes} MB by ${way.title}`
      report(`== ${title}`)
      const contestants = [await way.beside(file), way.ours(file)]
      const [theirs, own] = await compareInTurn(contestants, { ...options, report }, signal)
      if (theirs === undefined || own === undefined) throw new Error('no measurement; expected two')
      suites.push({ title, measurements: [theirs, own], rows: [{ ours: own, beside: theirs, design: '≤ 1.1' }] })
    }
    await rm(file)
  }
  return uploadPage(options, suites)
}

function byFtps(folder: string, server: FtpServer): Way {
  const env = {
    FTP_URL: `ftp://127.0.0.1:${server.port}/`,
    FTP_USER: server.user,
    FTP_PASSWORD: server.password,
    FTP_CA_FILE: server.certificate,
  }
  return {
    title: 'FTPS',
    beside: file => byCurl(folder, file, server),
    ours: file => bySelf(folder, file, { label: 'the FTPS destination', env }),
  }
}

function bySftp(folder: string, server: SshServer): Way {
  const env = {
    SFTP_URL: `sftp://${server.user}@127.0.0.1:${server.port}${server.home}/`,
    SFTP_KEY_FILE: server.keyFile,
    SFTP_KNOWN_HOSTS_FILE: server.knownHostsFile,
  }
  return {
    title: 'SFTP',
    beside: file => byOpenSsh(folder, file, server),
    ours: file => bySelf(folder, file, { label: 'the SFTP destination', env }),
  }
}

async function randomFile(file: string, megabytes: number): Promise<string> {
  await using handle = await open(file, 'wx', 0o600)
  for (let written = 0; written < megabytes; written++) await handle.write(randomBytes(PIECE))
  return file
}

/** The password is in a file, as it would be on a machine with other people on it. */
async function byCurl(folder: string, file: string, server: FtpServer): Promise<Contestant> {
  const netrc = path.join(folder, 'netrc')
  await writeFile(netrc, `machine 127.0.0.1 login ${server.user} password ${server.password}\n`, { mode: 0o600 })
  const secured = ['--ssl-reqd', '--cacert', server.certificate, '--netrc-file', netrc]
  return {
    label: 'curl --ssl-reqd -T',
    ours: false,
    output: null,
    command: {
      argv: ['curl', '--silent', '--show-error', ...secured, '-T', file, `ftp://127.0.0.1:${server.port}/by-curl.gz`],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
      folder,
    },
  }
}

/** With the same files as ours, and forcing the file to the disk as ours does. */
async function byOpenSsh(folder: string, file: string, server: SshServer): Promise<Contestant> {
  const batch = path.join(folder, 'batch')
  await writeFile(batch, `put -f ${file} by-sftp.gz\n`)
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${server.knownHostsFile}`]
  const trusted = [...options, `IdentityFile=${server.keyFile}`, 'IdentitiesOnly=yes'].flatMap(each => ['-o', each])
  const to = ['-P', `${server.port}`, `${server.user}@127.0.0.1`]
  return {
    label: 'sftp -b (put -f)',
    ours: false,
    output: null,
    command: {
      argv: ['sftp', '-q', '-b', batch, '-F', 'none', ...trusted, ...to],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
      folder,
    },
  }
}

/** A process that sends this one file with the program's own destination, as a run does. */
function bySelf(
  folder: string,
  file: string,
  { label, env }: { readonly label: string; readonly env: Readonly<Record<string, string>> },
): Contestant {
  return {
    label,
    ours: true,
    output: null,
    command: {
      argv: [process.execPath, '--max-semi-space-size=1', path.join(root, 'scripts/lib/bench/send-file.ts'), file],
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        NODE_COMPILE_CACHE: path.join(folder, 'compile-cache'),
        ...env,
      },
      folder,
    },
  }
}

function uploadPage(options: BenchOptions, suites: readonly SuiteResult[]): string {
  return `${pageHead(
    'upload',
    'vsftpd on the same machine, TLS on both connections, session reuse required; sshd with its internal-sftp.',
  )}
Each command ran once to warm up, then ${options.runs} times, in turn with the other. The times are medians, with the start of the
process; the ratios are those of the medians. Ours sends under a temporary name, compares the size and renames; curl
and sftp only send.

${ratioTable(suites)}

## Memory

${memoryTable(suites.flatMap(({ title, measurements }) => measurements.map(one => ({ title, one }))))}

The most resident memory that our own process had over all runs. It must not grow with the file.

## All commands

${commandTable(suites)}
`
}

function memoryTable(found: readonly { readonly title: string; readonly one: Measurement }[]): string {
  const ours = found.filter(({ one }) => one.contestant.ours)
  return table(
    ['work', 'peak, MiB', 'the design asks for'],
    ours.map(({ title, one }) => [title, mebibytes(one.peakBytes), '≤ 130']),
  )
}
