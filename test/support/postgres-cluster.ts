import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A data folder that `initdb` made, and whom its server runs as. */
export interface Cluster {
  readonly folder: string
  readonly dataFolder: string
  readonly binFolder: string
  readonly majorVersion: number
  readonly superuser: string
  readonly password: string
  /** Null when we are not root: then the server runs as ourselves. */
  readonly owner: OsUser | null
}

export interface OsUser {
  readonly uid: number
  readonly gid: number
}

export interface ClusterOptions {
  /** Where the cluster's temporary folder is made; the system's temporary folder by default. */
  readonly folder: string | undefined
  readonly encoding: string
  /** The folder with `initdb` and `postgres`; the newest installed one by default. */
  readonly binFolder?: string | undefined
}

/** Makes a cluster with SCRAM passwords in a temporary folder of its own. */
export function createCluster(options: ClusterOptions): Cluster {
  const binFolder = options.binFolder ?? serverBinaries()
  const owner = process.getuid?.() === 0 ? osUser('postgres') : null
  const folder = mkdtempSync(path.join(options.folder ?? tmpdir(), 'postgres-'))
  if (owner !== null) chownSync(folder, owner.uid, owner.gid)
  const password = randomBytes(12).toString('base64url')
  const cluster: Cluster = {
    folder,
    dataFolder: path.join(folder, 'data'),
    binFolder,
    majorVersion: majorVersion(binFolder),
    superuser: 'postgres',
    password,
    owner,
  }
  initdb(cluster, options.encoding)
  return cluster
}

/** A program and its arguments so that it runs as the cluster's owner, and ends when this process does. */
export function asOwner(cluster: Pick<Cluster, 'owner'>, command: readonly string[]): [string, string[]] {
  const identity =
    cluster.owner === null ? [] : [`--reuid=${cluster.owner.uid}`, `--regid=${cluster.owner.gid}`, '--clear-groups']
  return ['setpriv', [...identity, '--pdeathsig=QUIT', ...command]]
}

/** Writes a file that the server may read (0600, its own); returns the path. */
export function writeClusterFile(cluster: Cluster, name: string, content: string): string {
  const file = path.join(cluster.folder, name)
  writeFileSync(file, content, { mode: 0o600 })
  if (cluster.owner !== null) chownSync(file, cluster.owner.uid, cluster.owner.gid)
  return file
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function initdb(cluster: Cluster, encoding: string): void {
  const passwordFile = writeClusterFile(cluster, 'password', cluster.password)
  const locale = encoding === 'UTF8' ? 'C.UTF-8' : 'C'
  const [command, args] = asOwner(cluster, [
    path.join(cluster.binFolder, 'initdb'),
    '--no-sync',
    `--pgdata=${cluster.dataFolder}`,
    `--username=${cluster.superuser}`,
    `--pwfile=${passwordFile}`,
    `--encoding=${encoding}`,
    `--locale=${locale}`,
    '--auth=scram-sha-256',
  ])
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', ...nameForUs(cluster) },
  })
  rmSync(passwordFile)
  if (result.status === 0) return
  rmSync(cluster.folder, { recursive: true, force: true })
  throw new Error(`initdb: it ended with ${result.status ?? result.error?.message}; expected 0\n${result.stderr}`)
}

/** initdb asks for a name, which an arbitrary user has only here. */
function nameForUs(cluster: Cluster): Record<string, string> {
  if (spawnSync('id', ['-un']).status === 0) return {}
  const passwd = writeClusterFile(
    cluster,
    'passwd',
    `tester:x:${process.getuid?.()}:${process.getgid?.()}::/:/bin/false\n`,
  )
  return { LD_PRELOAD: 'libnss_wrapper.so', NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: '/etc/group' }
}

/** The folder of the newest installed server, which has psql too. */
export function serverBinaries(): string {
  const found = [...versionedFolders(), ...(process.env.PATH ?? '').split(':')].find(hasServer)
  if (found === undefined) {
    throw new Error(
      'postgres: no folder in /usr/lib/postgresql/*/bin or PATH has initdb, postgres and psql; expected an installed PostgreSQL server',
    )
  }
  return found
}

function versionedFolders(): string[] {
  const root = '/usr/lib/postgresql'
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    return versions.map(version => path.join(root, version, 'bin'))
  } catch {
    return []
  }
}

function hasServer(folder: string): boolean {
  try {
    for (const name of ['initdb', 'postgres', 'psql']) accessSync(path.join(folder, name))
    return folder !== ''
  } catch {
    return false
  }
}

/** Of the `postgres` in a folder of programs. */
export function majorVersion(binFolder: string): number {
  const text = execFileSync(path.join(binFolder, 'postgres'), ['--version'], { encoding: 'utf8' })
  return Number(/(\d+)/.exec(text)?.[1])
}

function osUser(name: string): OsUser {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
