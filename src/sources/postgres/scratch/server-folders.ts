import { access } from 'node:fs/promises'
import path from 'node:path'
import type { ServerBinaries } from './server-binaries.ts'

type Programs = Pick<ServerBinaries, 'postgres'>

/** Where packages of Debian, of the PGDG for Red Hat and of Red Hat itself keep libraries, and what is made with the defaults. */
const LIBRARIES = ['../lib', '../lib/postgresql', '../lib64/pgsql', '../lib64/postgresql']

/** The same of control files; `#` stands for the major. */
const SHARED = ['../../../../share/postgresql/#', '../share', '../share/postgresql', '../share/pgsql']

/** The folder of a server's libraries; null where it is not known. It is the one with PL/pgSQL, which every server has. */
export function libraryFolder(programs: Programs): Promise<string | null> {
  return folderWith('plpgsql.so', LIBRARIES, programs)
}

/** The folder of the control files of extensions; null where it is not known. */
export function controlFolder({ postgres, major }: Programs & Pick<ServerBinaries, 'major'>): Promise<string | null> {
  const folders = SHARED.map(name => `${name.replace('#', String(major))}/extension`)
  return folderWith('plpgsql.control', folders, { postgres })
}

export async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}

async function folderWith(file: string, folders: readonly string[], { postgres }: Programs): Promise<string | null> {
  for (const folder of folders.map(name => path.resolve(path.dirname(postgres), name)))
    if (await isThere(path.join(folder, file))) return folder
  return null
}
