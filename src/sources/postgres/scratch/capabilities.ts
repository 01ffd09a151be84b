import type { Remark } from '../../../events.ts'
import type { Connection } from '../connection/connection.ts'
import { serverMajor } from '../connection/server-major.ts'
import { type DatabaseShape, knowsIcuRules, knowsProvider } from '../made/database-shape.ts'
import { goneText } from './gone-extensions.ts'
import type { Need } from './needs.ts'
import { packageOf } from './packages.ts'

/** What a server has that others may lack. */
export interface Capabilities {
  readonly major: number
  readonly extensions: ReadonlySet<string>
  /** Those that exist already; others come as extensions. */
  readonly languages: ReadonlySet<string>
  /** Of the C library, in the spelling of `sameLocale`. */
  readonly locales: ReadonlySet<string>
  readonly hasIcu: boolean
}

/** Asks a server what it has; any role may. PostgreSQL took over the locales of its system when its data folder was made. */
export async function readCapabilities(connection: Connection): Promise<Capabilities> {
  const major = await serverMajor(connection)
  const names = async (query: string): Promise<readonly string[]> =>
    (await connection.query<{ readonly name: string }>(query)).map(({ name }) => name)
  const locales = await names(
    "SELECT DISTINCT c.collcollate AS name FROM pg_catalog.pg_collation c WHERE c.collprovider = 'c'",
  )
  const icu = await names("SELECT c.collname AS name FROM pg_catalog.pg_collation c WHERE c.collprovider = 'i' LIMIT 1")
  return {
    major,
    extensions: new Set(await names('SELECT e.name FROM pg_catalog.pg_available_extensions e')),
    languages: new Set(await names('SELECT l.lanname AS name FROM pg_catalog.pg_language l')),
    locales: new Set([...locales, 'C', 'POSIX'].map(sameLocale)),
    hasIcu: icu.length > 0,
  }
}

/** What the shape and the statements of a database need and the server lacks, each once, with what to install. */
export function lackingFor(has: Capabilities, shape: DatabaseShape | null, needs: Iterable<Need>): readonly Remark[] {
  const remarks = [...(shape === null ? [] : shapeNeeds(shape)), ...needs].flatMap(need => lacking(has, need) ?? [])
  return [...new Map(remarks.map(remark => [`${remark.kind} ${remark.name}`, remark])).values()]
}

/**
 * The libraries of C functions among the needs that are not there; only a superuser may ask. Apart from `lackingFor`,
 * because it looks into the server's file system.
 */
export async function missingLibraries(connection: Connection, needs: Iterable<Need>): Promise<readonly Remark[]> {
  const names = new Set([...needs].flatMap(need => (need.kind === 'library' ? [need.name] : [])))
  const remarks: Remark[] = []
  for (const name of names) {
    if (!(await hasLibrary(connection, name)))
      remarks.push(
        remark('library', name, `the library ${name} of C functions is not there: install the package that brings it`),
      )
  }
  return remarks
}

async function hasLibrary(connection: Connection, name: string): Promise<boolean> {
  const isInFolder = name.startsWith('$libdir') || !name.startsWith('/')
  const path = name.replace(/^\$libdir/, '').replace(/^\//, '')
  const folder = isInFolder ? await libraryFolder(connection) : ''
  for (const ending of ['', '.so']) {
    const [file] = await connection.query<{ size: string | null }>(
      'SELECT s.size FROM pg_catalog.pg_stat_file($1, true) s',
      [`${folder}/${path}${ending}`],
    )
    if (typeof file?.size === 'string') return true
  }
  return false
}

async function libraryFolder(connection: Connection): Promise<string> {
  const [row] = await connection.query<{ setting: string }>(
    "SELECT c.setting FROM pg_catalog.pg_config c WHERE c.name = 'PKGLIBDIR'",
  )
  return row?.setting ?? ''
}

/** glibc takes `en_US.UTF-8`, `en_US.utf8` and `en_US.UTF8` for the same locale. */
export function sameLocale(name: string): string {
  const [language = '', encoding] = name.split('.', 2)
  return encoding === undefined ? language : `${language}.${encoding.toLowerCase().replaceAll('-', '')}`
}

function shapeNeeds(shape: DatabaseShape): Need[] {
  const libc = [shape.collate, shape.ctype].flatMap(name =>
    name === null || name === '' ? [] : [{ kind: 'locale', name, provider: 'libc' } as const],
  )
  const provider = shape.localeProvider
  if ((provider !== 'icu' && provider !== 'builtin') || shape.icuLocale === null) return libc
  return [...libc, { kind: 'locale', name: shape.icuLocale, provider, hasRules: shape.icuRules !== undefined }]
}

function lacking(has: Capabilities, need: Need): Remark | null {
  switch (need.kind) {
    case 'extension':
      return has.extensions.has(need.name) ? null : lacksPackaged(has, need)
    case 'language':
      return has.languages.has(need.name) || has.extensions.has(need.name) ? null : lacksPackaged(has, need)
    case 'label provider':
      return remark(
        need.kind,
        need.name,
        `security labels of the provider ${need.name} need its library, loaded when the server starts: this one loads none`,
      )
    case 'library':
      return null
    case 'locale':
      return lacksLocale(has, need)
  }
}

function lacksPackaged(has: Capabilities, need: Need & { readonly kind: 'extension' | 'language' }): Remark {
  const install = `the ${need.kind} ${need.name} is not installed for PostgreSQL ${has.major}: install ${packageOf(need.name, has.major)}`
  return remark(need.kind, need.name, goneText(need.kind, need.name, has.major) ?? install)
}

function lacksLocale(has: Capabilities, need: Need & { readonly kind: 'locale' }): Remark | null {
  switch (need.provider) {
    case 'libc':
      return has.locales.has(sameLocale(need.name))
        ? null
        : remark(
            'locale',
            need.name,
            `the locale ${need.name} is not there: install locales-all, or locales and generate it`,
          )
    case 'icu':
      return lacksIcu(has, need)
    case 'builtin':
      return knowsProvider('builtin', has.major)
        ? null
        : remark(
            'locale',
            need.name,
            `the builtin locale ${need.name} needs PostgreSQL 17 or newer; this is ${has.major}: install postgresql-17`,
          )
  }
}

function lacksIcu(has: Capabilities, { name, hasRules = false }: Need & { readonly kind: 'locale' }): Remark | null {
  if (!has.hasIcu || has.major < 10)
    return remark('locale', name, `the ICU locale ${name} needs a server that was built with ICU`)
  if (!hasRules || knowsIcuRules(has.major)) return null
  const text = `the ICU rules of the database need PostgreSQL 16 or newer; this is ${has.major}: install that of the source`
  return remark('locale', name, text)
}

function remark(kind: string, name: string, text: string): Remark {
  return { kind, name, sqlstate: null, text }
}
