import type { Stats } from 'node:fs'
import { access, constants, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { HOOK_NAMES, type HookName } from './hook.ts'

export interface HookPlace {
  /** HOOKS_DIR, absolute. */
  readonly hooksDir: string
  /** Absolute. */
  readonly backupDir: string
}

/** The hooks that are there, each of which may be run. Throws as below. */
export async function hooksThere(place: HookPlace): Promise<readonly HookName[]> {
  const there: HookName[] = []
  for (const name of HOOK_NAMES) {
    if ((await findHook(place, name)) !== null) there.push(name)
  }
  return there
}

/** What lies beside the hooks and nothing runs: `before-sources` is somebody's hook. Names that begin with a dot are not. */
export async function notHooks({ hooksDir }: HookPlace): Promise<readonly string[]> {
  const names = await readdir(hooksDir)
  return names.filter(name => !name.startsWith('.') && !HOOK_NAMES.some(each => each === name))
}

/**
 * The real path of a hook, or null where there is none. Whoever can write there runs programs as this container: so throws
 * an OperatorError of kind `hook` for a folder or file on the volume, of another user, or that others may write to, and
 * for a file that cannot be run. What lies on a file system that is read-only here, as a ConfigMap does, nobody changes by it.
 */
export async function findHook({ hooksDir, backupDir }: HookPlace, name: HookName): Promise<string | null> {
  const volume = await realPath(backupDir)
  const folder = await realPath(hooksDir)
  if (folder === null) throw refused(hooksDir, 'no such folder; expected the folder of the hooks')
  await requireOurs(folder, { path: hooksDir, volume })
  const path = join(hooksDir, name)
  const real = await realPath(path)
  if (real === null) return null
  // A ConfigMap's file is a link to one in a folder of its own.
  for (const place of [dirname(real), real]) await requireOurs(place, { path, volume })
  if (!(await stat(real)).isFile()) throw refused(path, 'no plain file; expected an executable')
  if (!(await allows(real, constants.X_OK)))
    throw refused(path, 'it is not executable; expected a mode such as 0755', {
      hint: 'of a ConfigMap or a Secret: defaultMode: 0755',
    })
  return real
}

async function requireOurs(
  place: string,
  { path, volume }: { readonly path: string; readonly volume: string | null },
): Promise<void> {
  if (volume !== null && `${place}${sep}`.startsWith(`${volume}${sep}`))
    throw refused(path, `${place} is on the volume, to which archives come; expected a folder elsewhere`)
  if (await isReadOnly(place)) return
  for (const each of [place, ...foldersAbove(place)]) {
    const found = await stat(each)
    if (found.uid !== 0 && found.uid !== process.geteuid?.())
      throw refused(path, `${each} is of user ${found.uid}; expected root, or the user of this process`)
    if (each === place ? isOpen(found) : isOpenAbove(found))
      throw refused(path, `others may write to ${each} (mode ${modeText(found)}); expected its owner only`, {
        hint: `chmod go-w ${each}`,
      })
  }
}

/** Whoever can rename a folder can put another one in its place. */
function foldersAbove(path: string): readonly string[] {
  const above = dirname(path)
  return above === path ? [] : [above, ...foldersAbove(above)]
}

/** In a sticky folder, such as /tmp, nobody renames what is of others; and in images much is of group 0, which is ours. */
function isOpenAbove({ mode }: Stats): boolean {
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0
}

function modeText({ mode }: Stats): string {
  return (mode & 0o7777).toString(8)
}

/** A sticky folder too: what is not there yet, anybody may put there. */
function isOpen({ mode }: Stats): boolean {
  return (mode & 0o022) !== 0
}

async function isReadOnly(place: string): Promise<boolean> {
  return await access(place, constants.W_OK).then(
    () => false,
    (error: unknown) => codeOf(error) === 'EROFS',
  )
}

async function allows(place: string, right: number): Promise<boolean> {
  return await access(place, right).then(
    () => true,
    () => false,
  )
}

/** Null for what is not there. */
async function realPath(path: string): Promise<string | null> {
  return await realpath(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw refused(
      path,
      `it cannot be looked at (${codeOf(error) ?? 'for an unknown reason'}); expected to be allowed to`,
    )
  })
}

function refused(path: string, text: string, facts: { readonly hint?: string } = {}): OperatorError {
  return new OperatorError('hook', `hook ${path}: ${text}`, facts)
}
