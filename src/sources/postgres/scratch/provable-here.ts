import path from 'node:path'
import { failureOf } from '../../../errors.ts'
import type { DatabaseFacts } from '../database/database-facts.ts'
import { goneText } from './gone-extensions.ts'
import { packageOf } from './packages.ts'
import { libraryToMake, preloadFor } from './preload.ts'
import { chooseServerBinaries, findServerBinaries, type ServerBinaries } from './server-binaries.ts'
import { controlFolder, isThere } from './server-folders.ts'

/** The database that would be proved. */
type Source = Pick<DatabaseFacts, 'server' | 'database'>

/**
 * Why backups of this database can't be proved on this machine, each reason with what to install; none where nothing is
 * known to stand in the way. Looks for files only: no server is started. Rejects only with the signal's reason.
 */
export async function obstaclesHere(
  { server, database }: Source,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const binaries = chooseServerBinaries(await findServerBinaries(env, signal), server.major)
    const names = database.extensions.map(({ name }) => name)
    return [...(await notInstalled(names, binaries)), ...(await withoutLibrary(names, binaries))]
  } catch (error) {
    signal.throwIfAborted()
    const { message, hint } = failureOf(error)
    return [hint === null ? message : `${message}; ${hint}`]
  }
}

async function notInstalled(names: readonly string[], binaries: ServerBinaries): Promise<readonly string[]> {
  const folder = await controlFolder(binaries)
  if (folder === null) return []
  const { major } = binaries
  const texts: string[] = []
  for (const name of names)
    if (!(await isThere(path.join(folder, `${name}.control`))))
      texts.push(
        goneText('extension', name, major) ??
          `the extension ${name} is not installed for PostgreSQL ${major}: install ${packageOf(name, major)}`,
      )
  return texts
}

/** Of those that are installed otherwise. */
async function withoutLibrary(names: readonly string[], binaries: ServerBinaries): Promise<readonly string[]> {
  const folder = await controlFolder(binaries)
  const preloaded = await preloadFor(names, binaries)
  const texts: string[] = []
  for (const name of names) {
    const library = libraryToMake(name)
    if (library === null || preloaded.includes(library) || folder === null) continue
    if (await isThere(path.join(folder, `${name}.control`)))
      texts.push(`the library ${library} of extension ${name} is not there: install ${packageOf(name, binaries.major)}`)
  }
  return texts
}
