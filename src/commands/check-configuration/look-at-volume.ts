import { existsSync } from 'node:fs'
import { access, constants, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Catalog, readCatalog } from '../../catalog/catalog.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import type { Settings } from '../../config/settings.ts'
import { OperatorError } from '../../errors.ts'
import { makeFolderBelow } from '../../system/below.ts'
import { codeOf } from '../../system/error-code.ts'
import { syncFolder } from '../../system/publish-file.ts'
import { volumeError } from '../../volume-error.ts'

/**
 * Whether backups can be written, read and pruned on the volume: looks for links, behind which no mode of this program
 * looks, writes and removes a small file, and asks for the rights to each archive and its folders. Resolves with what was
 * found, for a person; throws an OperatorError of kind `volume` or `space`.
 */
export async function lookAtVolume(
  { backupDir, timeZone }: Pick<Settings, 'backupDir' | 'timeZone'>,
  runId: string,
): Promise<string> {
  if (!existsSync(backupDir)) return 'not there yet'
  const catalog = await readCatalog(backupDir, { timeZone })
  refuseLinks(catalog)
  const isSynced = await writeSmallFile(backupDir, runId)
  await requireRights(catalog)
  const unsynced = isSynced ? '' : '; its file system cannot sync folders'
  return `${catalog.entries.length} archives, no links, a small file was written and removed${unsynced}`
}

function refuseLinks({ backupDir, notLookedInto }: Catalog): void {
  const [first] = notLookedInto
  if (first === undefined) return
  const message = `${join(backupDir, first.path)}: ${first.found}, which is not looked into${more(notLookedInto)}; expected none on the volume`
  throw new OperatorError('volume', message, {
    hint: 'mount what it leads to in its place, or move its files there and remove it',
  })
}

/** False where the folder that it was in cannot be synced. */
async function writeSmallFile(backupDir: string, runId: string): Promise<boolean> {
  const path = join(backupDir, '.backup', `check-${runId}`)
  try {
    await makeFolderBelow(backupDir, '.backup')
    await writeAndRemove(path)
    return await syncFolder(dirname(path))
  } catch (error) {
    throw volumeError(error, path)
  }
}

async function writeAndRemove(path: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile('written by backup -c --check\n')
    await file.sync()
  } finally {
    await rm(path, { force: true })
  }
}

interface Refused {
  readonly path: string
  readonly error: unknown
}

async function requireRights({ backupDir, entries }: Catalog): Promise<void> {
  const { R_OK, W_OK, X_OK } = constants
  const dated = entries.map(({ path }) => dirname(path))
  const tiers = entries.filter(({ tier }) => tier !== null).map(({ path }) => dirname(dirname(path)))
  const folders = new Set([backupDir, ...tiers, ...dated])
  const files = entries.flatMap(({ path }) => [path, manifestName(path)])
  const refused = [...(await refusedOf(folders, R_OK | W_OK | X_OK)), ...(await refusedOf(files, R_OK))]
  const [first] = refused
  if (first !== undefined) throw volumeError(first.error, first.path + more(refused))
}

async function refusedOf(paths: Iterable<string>, rights: number): Promise<readonly Refused[]> {
  const refused: Refused[] = []
  for (const path of paths) {
    const error: unknown = await access(path, rights).then(
      () => null,
      (reason: unknown) => reason,
    )
    // An archive of the bash tool has no manifest, and a prune may remove any file.
    if (error !== null && codeOf(error) !== 'ENOENT') refused.push({ path, error })
  }
  return refused
}

function more({ length }: readonly unknown[]): string {
  return length > 1 ? ` (and ${length - 1} more)` : ''
}
