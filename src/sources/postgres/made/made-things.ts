import type { Connection } from '../connection/connection.ts'
import { isSideName, type MeasuredName, sideNamesOf } from '../swap/companion-names.ts'
import { LOADER_PREFIX } from './loader-role.ts'
import { birthLimit, isBirthLimit, MARKER_HEAD, type Marker, readMarker } from './marker.ts'

/** A database or role that a restore has made, known by its OID: names can be given to something else. */
export interface MadeThing {
  readonly kind: 'database' | 'role'
  readonly oid: number
  readonly name: string
  /** Null for a side database of the target whose maker died before it could mark it; it is empty. */
  readonly marker: Marker | null
}

/** How the names begin of databases that archives are loaded into once more, to compare statements. */
const AGAIN_PREFIX = 'backup_again_'

interface Row {
  readonly kind: MadeThing['kind']
  readonly oid: number
  readonly name: string
  readonly comment: string | null
}

/** The catalogs by their fixed OIDs (pg_database_d.h, pg_authid_d.h), and no cast: this is asked in other people's databases too. */
const MADE = `
SELECT 'database' AS kind, d.oid, d.datname AS name, s.description AS comment
FROM pg_catalog.pg_database d
  LEFT JOIN pg_catalog.pg_shdescription s ON s.classoid = '1262' AND s.objoid = d.oid
WHERE pg_catalog.starts_with(s.description, '${MARKER_HEAD}') OR (s.description IS NULL AND d.datconnlimit = $1)
UNION ALL
SELECT 'role', r.oid, r.rolname, s.description
FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_shdescription s ON s.classoid = '1260' AND s.objoid = r.oid
WHERE pg_catalog.starts_with(s.description, '${MARKER_HEAD}')
ORDER BY 1, 3`

/**
 * Everything on the server that restores have marked as theirs, and what was born for this target and not marked yet. What is
 * marked as being loaded and has no name that a restore gives is somebody's: a person has renamed it, or wrote the mark.
 */
export async function readMade(connection: Connection, target: string): Promise<readonly MadeThing[]> {
  const rows = await connection.query<Row>(MADE, [birthLimit(target)])
  return rows.flatMap(({ kind, oid, name, comment }) => {
    const marker = comment === null ? null : readMarker(comment, oid)
    const isMarked = marker !== null || comment === null
    const isNamed = marker?.state === 'kept' || kind === 'role' || isMadeName(name)
    return isMarked && isNamed ? [{ kind, oid, name, marker }] : []
  })
}

/**
 * Whether a restore of this target may remove a thing once nobody else can be at work on it. Mark, OID and name must all
 * say so: whoever gives a database another name, or the live one its old name, keeps it.
 */
export function isRemovable({ kind, name, marker }: MadeThing, target: MeasuredName): boolean {
  if (name === target.name) return false
  if (marker !== null && (marker.state !== 'loading' || marker.target !== target.name)) return false
  if (kind === 'role') return marker !== null && name.startsWith(LOADER_PREFIX)
  if (sideNamesOf(target, [name]).length > 0) return true
  return marker === null ? name.startsWith(AGAIN_PREFIX) : name === againName(marker.run)
}

/**
 * Whether a database is one that a restore has made and not swapped in: its mark, or where it has none yet what it was born
 * with, and its name say so. What a person has renamed is that person's.
 */
export function isMadeByRestore(found: {
  readonly name: string
  readonly oid: number
  readonly comment: string | null
  readonly connectionLimit: number
}): boolean {
  const { name, oid, comment, connectionLimit } = found
  if (!isMadeName(name)) return false
  return comment === null ? isBirthLimit(connectionLimit) : readMarker(comment, oid) !== null
}

function isMadeName(name: string): boolean {
  return isSideName(name) || name.startsWith(AGAIN_PREFIX)
}

/** The name of the database in which a run loads statements once more. */
export function againName(run: string): string {
  return `${AGAIN_PREFIX}${run.toLowerCase()}`
}
