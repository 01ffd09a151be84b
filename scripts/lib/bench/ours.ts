import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import type { Contestant } from './compare.ts'
import { plainEnvironment } from './server.ts'

/** The root of this checkout. */
export const root = path.resolve(import.meta.dirname, '../../..')

/** A configured program: a backup.conf and a volume of its own. */
export interface OurProgram {
  /** The volume. */
  readonly volume: string
  /** The program with these arguments. One that `writes` gets an empty volume for each run. */
  contestant(
    label: string,
    args: readonly string[],
    options?: { readonly writes?: boolean; readonly perHost?: number },
  ): Contestant
}

/** Writes `<folder>/backup.conf` for the databases; the volume is `<folder>/backups`, scratch servers run in `<folder>/scratch`. */
export async function configureOurs(
  server: PostgresServer,
  folder: string,
  databases: readonly string[],
): Promise<OurProgram> {
  const volume = path.join(folder, 'backups')
  const conf = path.join(folder, 'backup.conf')
  const scratch = path.join(folder, 'scratch')
  await mkdir(volume, { recursive: true, mode: 0o700 })
  await mkdir(scratch, { recursive: true })
  await writeFile(conf, databases.map(name => `postgres=${server.host}:${server.port}/${name}\n`).join(''))
  return {
    volume,
    contestant: (label, args, { writes = false, perHost = 1 } = {}) => ({
      label,
      ours: true,
      output: writes ? volume : null,
      command: {
        argv: [path.join(root, 'scripts/backup'), ...args],
        env: environment(server, { conf, volume, scratch, perHost }),
        folder,
      },
    }),
  }
}

function environment(
  server: PostgresServer,
  options: { readonly conf: string; readonly volume: string; readonly scratch: string; readonly perHost: number },
): Record<string, string> {
  return {
    ...plainEnvironment(server),
    BACKUP_CONF: options.conf,
    BACKUP_DIR: options.volume,
    VERIFICATION_DIR: options.scratch,
    BACKUP_CONCURRENCY_PER_HOST: String(options.perHost),
    DATABASE_USER: server.superuser,
    DATABASE_PASSWORD: server.password,
    DATABASE_SSLMODE: 'disable',
  }
}
