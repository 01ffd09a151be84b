import { failureOf, failureText, OperatorError } from '../../../errors.ts'
import { connect } from '../connection/connection.ts'
import { createDatabase } from '../made/create-database.ts'
import type { DatabaseShape } from '../made/database-shape.ts'
import { nameOfDatabase } from '../made/drop-database.ts'
import { dropPublic } from '../made/drop-public.ts'
import { createLoader, dropRole, type Loader, shutRole } from '../made/loader-role.ts'
import { type Marker, markerBeforeOid } from '../made/marker.ts'
import { resetDatabase } from '../made/reset-database.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { type Made, removeSide, type SidePlace } from './remove-side.ts'

/** A database that is being made beside the live one. Disposed of before `keep`, it is dropped with its loader. */
export interface Side extends AsyncDisposable {
  readonly name: string
  readonly oid: number
  /** Whom the archive is loaded as; null where that is the admin, who is no superuser. */
  readonly loader: Loader | null
  /** The archive is loaded: the loader can't log in any more, and of what it did to the database as a whole nothing stays. */
  takeBack(signal: AbortSignal): Promise<void>
  /** The loader has done its work and owns nothing any more. */
  dropLoader(signal: AbortSignal): Promise<void>
  /**
   * From here on it stays, whatever happens. Its comment is the database's own instead of the marker, or where it has
   * none, says that it is kept.
   */
  keep(comment: string | null, signal: AbortSignal): Promise<void>
}

export interface SideInput extends SidePlace {
  readonly shape: DatabaseShape
  /** Where its files are to be; null is the server's default. */
  readonly tablespace: string | null
  /** A superuser must not load an archive himself: a table's owner could run code as him. */
  readonly withLoader: boolean
  /** Called with the statements that remove what could not be removed here. */
  onLeftBehind(statements: readonly string[], reason: string): void
}

/** Makes an empty database and, where wanted, its loader, who owns it. Throws an OperatorError and leaves nothing then. */
export async function makeSide(input: SideInput, signal: AbortSignal): Promise<Side> {
  const made: Made = { oid: null, loader: null }
  const { marker, shape, tablespace } = input
  try {
    const admin = await input.lock.session(signal)
    if (input.withLoader) made.loader = await createLoader(admin, marker)
    const owner = made.loader?.name ?? input.maintenance.user
    made.oid = await createDatabase(admin, { name: marker.database, owner, shape, tablespace, marker })
    const inside = { ...input.maintenance, database: marker.database }
    if (shape.withoutPublic === true) await dropPublic(inside, input.connect, signal)
    return sideOf(input, made, made.oid)
  } catch (error) {
    await removeOrTell(input, made)
    throw error
  }
}

function sideOf(input: SideInput, made: Made, oid: number): Side {
  let isTemporary = true
  return {
    name: input.marker.database,
    oid,
    loader: made.loader,
    async takeBack(signal) {
      if (made.loader === null) return
      const admin = await input.lock.session(signal)
      await shutRole(admin, made.loader.oid)
      await resetDatabase(admin, oid)
    },
    async dropLoader(signal) {
      if (made.loader === null) return
      await dropRole(await input.lock.session(signal), made.loader.oid)
      made.loader = null
    },
    async keep(comment, signal) {
      await giveComment(input, { oid, comment }, signal)
      isTemporary = false
    },
    async [Symbol.asyncDispose]() {
      if (isTemporary) await removeOrTell(input, made)
    },
  }
}

/** In a session inside it: there the comment is kept in the encoding in which the database's own users read it. */
async function giveComment(
  { maintenance, connect: options, marker }: SideInput,
  { oid, comment }: { readonly oid: number; readonly comment: string | null },
  signal: AbortSignal,
): Promise<void> {
  const text = comment ?? `${markerBeforeOid({ ...marker, state: 'kept' })}${oid}`
  await using inside = await connect({ ...maintenance, database: marker.database }, options, signal)
  // Nobody can rename a database with a session in it.
  if ((await nameOfDatabase(inside, oid)) !== marker.database) throw strangers(marker)
  await inside.query(`COMMENT ON DATABASE ${quoteIdentifier(marker.database)} IS ${quoteLiteral(text)}`)
}

function strangers({ database }: Marker): OperatorError {
  return new OperatorError('server', `database ${database}: it is another one now; expected the one that was loaded`, {
    hint: 'somebody else is at work on this server; nothing was swapped',
  })
}

async function removeOrTell(input: SideInput, made: Made): Promise<void> {
  try {
    await removeSide(input, made)
  } catch (error) {
    input.onLeftBehind(leftBehind(input, made), failureText(failureOf(error)))
  }
}

/** Only what is certainly ours: of the rest, the next restore finds out. */
function leftBehind({ marker }: SideInput, made: Made): readonly string[] {
  return [
    ...(made.oid === null ? [] : [`DROP DATABASE IF EXISTS ${quoteIdentifier(marker.database)};`]),
    ...(made.loader === null ? [] : [`DROP ROLE IF EXISTS ${quoteIdentifier(made.loader.name)};`]),
  ]
}
