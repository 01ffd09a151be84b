import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseOutcome } from '../../src/events.ts'
import type { Attack, ManifestJson, Tampered } from '../corpus/hostile/attack.ts'
import { CANARY, filledIn, type Places, payload } from '../corpus/hostile/payload.ts'
import { backupEnvironment } from './archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from './backup-program.ts'
import { VICTIMS } from './hostile-state.ts'
import { createTraces, type Traces } from './hostile-traces.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { tamper } from './tamper.ts'

export interface GroundOptions {
  readonly attacks: readonly Attack[]
  /** The folder with the programs of both servers; the newest installed one by default. */
  readonly binFolder?: string
  /** Of the server that is restored into, where it is another. */
  readonly targetBinFolder?: string
  /** Archives lose their manifests, as those of the bash tool have none: they can be restored by older client tools. */
  readonly withoutManifests?: true
  /** Whom the program, and so its scratch servers, run as: an arbitrary UID in group 0. Only root can ask for it. */
  readonly uid?: number
}

/** The attacker's server with a database for each attack, and the archives of those, tampered with where that is the attack. */
export interface Ground extends AsyncDisposable {
  readonly source: PostgresServer
  readonly traces: Traces
  readonly folder: BackupFolder
  readonly scratch: string
  /** A value that the program has in its environment, and that must turn up nowhere. */
  readonly canary: string
  /** By attack: the archive's full path. */
  readonly archives: ReadonlyMap<string, string>
  /** By attack: why there is none. */
  readonly refused: ReadonlyMap<string, string>
  /** All that `-1` printed. */
  readonly printed: string
  startTarget(): Promise<PostgresServer>
  spec(server: PostgresServer, attack: Attack): string
  /** The program, with the admin's credentials of a server in its environment. It is killed when it hangs. */
  run(server: PostgresServer, args: readonly string[]): Promise<ProgramResult>
  /** `backup.conf` with these databases of the source. */
  writeConf(attacks: readonly Attack[]): void
}

/** Makes the databases of the attacks, takes their backups with the real program, and tampers with them. */
export async function prepareGround(options: GroundOptions): Promise<Ground> {
  await using cleanup = new AsyncDisposableStack()
  const traces = cleanup.use(await createTraces())
  const source = cleanup.use(await startServer(options.binFolder))
  const folder = cleanup.use(backupFolder())
  const scratch = join(folder.path, 'scratch')
  mkdirSync(scratch)
  chmodSync(folder.path, 0o711)
  if (options.uid !== undefined) for (const path of [folder.volume, scratch]) chownSync(path, options.uid, 0)
  const canary = randomBytes(12).toString('hex')
  const spec = (server: PostgresServer, { name }: Attack): string => `127.0.0.1:${server.port}/${name}`
  const places: Places = { traces: traces.folder, listenerPort: traces.listenerPort, sourcePort: source.port }
  const started = {
    ...{ source, traces, folder, scratch, canary, spec },
    startTarget: () => startServer(options.targetBinFolder ?? options.binFolder),
    writeConf: (attacks: readonly Attack[]) => folder.writeConf(attacks.map(attack => spec(source, attack)).join('\n')),
    run: (server: PostgresServer, args: readonly string[]) =>
      runBackup(args, {
        conf: folder.conf,
        signal: AbortSignal.timeout(args.includes('-r') ? ONE_MS : ALL_MS),
        env: {
          ...backupEnvironment(server, folder),
          _127_0_0_1_ADMIN_USER: server.superuser,
          _127_0_0_1_ADMIN_PASSWORD: server.password,
          VERIFICATION_DIR: scratch,
          // What the scratch server logs, too.
          BACKUP_LOG_LEVEL: 'debug',
          [CANARY]: canary,
          ...(options.uid === undefined ? {} : { HOME: folder.path }),
        },
        ...(options.uid === undefined
          ? {}
          : { prefix: ['setpriv', `--reuid=${options.uid}`, '--regid=0', '--clear-groups'] }),
      }),
  }
  const backups = await takeAll(started, options.attacks, places)
  for (const attack of options.attacks) tamperWith(attack, backups.archives.get(attack.name), places)
  if (options.withoutManifests) for (const path of backups.archives.values()) rmSync(`${path}.json`, { force: true })
  const kept = cleanup.move()
  return { ...started, ...backups, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** How long the program may take for one attack, and for all of them, on a busy machine. */
const ONE_MS = 180_000
const ALL_MS = 2_400_000

async function startServer(binFolder: string | undefined): Promise<PostgresServer> {
  const server = await startPostgres(binFolder === undefined ? {} : { binFolder })
  await server.sql('postgres', VICTIMS)
  return server
}

type Started = Omit<Ground, 'archives' | 'refused' | 'printed' | typeof Symbol.asyncDispose>
type Backups = Pick<Ground, 'archives' | 'refused' | 'printed'>

async function takeAll(ground: Started, attacks: readonly Attack[], places: Places): Promise<Backups> {
  const quiet = attacks.filter(attack => attack.undo === undefined)
  for (const attack of quiet) await makeDatabase(ground, attack, places)
  const all = [await takeSome(ground, quiet)]
  // Each of these changes roles of the source, which are in every archive.
  for (const attack of attacks.filter(each => each.undo !== undefined)) {
    await makeDatabase(ground, attack, places)
    all.push(await takeSome(ground, [attack]))
    await ground.source.sql(attack.name, attack.undo ?? '')
  }
  return {
    archives: new Map(all.flatMap(each => [...each.archives])),
    refused: new Map(all.flatMap(each => [...each.refused])),
    printed: all.map(each => each.printed).join(''),
  }
}

async function makeDatabase({ source }: Started, attack: Attack, places: Places): Promise<void> {
  await source.createDatabase(attack.name)
  const sql = payload(attack.name, places) + filledIn(attack.sql ?? '', attack.name, places)
  try {
    await source.sql(attack.name, sql)
  } catch (error) {
    throw new Error(`${attack.name}: its database could not be made on the source`, { cause: error })
  }
}

async function takeSome(ground: Started, attacks: readonly Attack[]): Promise<Backups> {
  if (attacks.length === 0) return { archives: new Map(), refused: new Map(), printed: '' }
  ground.writeConf(attacks)
  const result = await ground.run(ground.source, ['-1', '--json'])
  if (result.stdout === '') throw new Error(`backup -1: no report; expected one\n${result.stderr}`)
  const { databases } = JSON.parse(result.stdout) as { readonly databases: readonly DatabaseOutcome[] }
  const nameOf = (database: string): string => database.slice(database.lastIndexOf('/') + 1)
  const archives = databases.flatMap(each => (each.result === 'backed-up' ? [each] : []))
  const failed = databases.flatMap(each => (each.result === 'failed' ? [each] : []))
  return {
    archives: new Map(archives.map(each => [nameOf(each.database), join(ground.folder.volume, each.archive)])),
    refused: new Map(failed.map(each => [nameOf(each.database), each.failure.message])),
    printed: result.stdout + result.stderr,
  }
}

function tamperWith({ name, tampered }: Attack, archive: string | undefined, places: Places): void {
  if (tampered === undefined || archive === undefined) return
  const { roles, dump, database, manifest, noManifest } = filled(tampered, name, places)
  tamper(archive, {
    ...(roles === undefined ? {} : { roles }),
    ...(dump === undefined ? {} : { dump }),
    ...(database === undefined ? {} : { database }),
    newFingerprint: true,
    manifest: given => manifest?.(given as unknown as ManifestJson) ?? given,
  })
  if (noManifest === true) rmSync(`${archive}.json`)
}

/** The same, with the places in what it returns. */
function filled(tampered: Tampered, name: string, places: Places): Tampered {
  const fill = (text: string): string => filledIn(text, name, places)
  const { roles, dump, database, manifest } = tampered
  return {
    ...(tampered.noManifest === undefined ? {} : { noManifest: tampered.noManifest }),
    ...(roles === undefined ? {} : { roles: text => fill(roles(text)) }),
    ...(dump === undefined ? {} : { dump: text => fill(dump(text)) }),
    ...(database === undefined ? {} : { database: text => fill(database(text)) }),
    ...(manifest === undefined
      ? {}
      : { manifest: json => JSON.parse(fill(JSON.stringify(manifest(json)))) as unknown }),
  }
}
