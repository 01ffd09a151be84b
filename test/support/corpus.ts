import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { VerificationOutcome } from '../../src/events.ts'
import { backupEnvironment, takeBackup } from './archives.ts'
import { type BackupFolder, backupFolder, runBackup } from './backup-program.ts'
import { type DatabasePicture, pictureOf } from './database-picture.ts'
import type { PostgresServer } from './postgres-server.ts'
import { runRestore } from './restoring.ts'

/** The SQL of one group of hard schemas. */
export function corpusSql(name: string): string {
  return readFileSync(join(import.meta.dirname, '../corpus', `${name}.sql`), 'utf8')
}

/** A folder for backups in which scratch servers of any user have a place too. */
export function proofFolder(): BackupFolder & { readonly scratch: string } {
  const folder = backupFolder()
  const scratch = join(folder.path, 'scratch')
  chmodSync(folder.path, 0o711)
  mkdirSync(scratch)
  return { ...folder, scratch }
}

/** An outcome as `--json` prints it: what was counted stands in fields of its own. */
export type PrintedOutcome = Omit<VerificationOutcome, 'counts'> & { readonly tables: number; readonly rows: number }

/** What `backup -v all` says, one outcome per line of the folder's `backup.conf`. */
export async function verifyAll(
  server: PostgresServer,
  folder: ReturnType<typeof proofFolder>,
  env: Readonly<Record<string, string | undefined>> = {},
  args: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly outcomes: readonly PrintedOutcome[] }> {
  const result = await runBackup(['-v', 'all', '--json', ...args], {
    conf: folder.conf,
    env: { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.scratch, ...env },
  })
  if (result.stdout === '') throw new Error(`backup -v: no report; expected one\n${result.stderr}`)
  const { databases } = JSON.parse(result.stdout) as { readonly databases: readonly PrintedOutcome[] }
  return { code: result.code, outcomes: databases }
}

export const HELD = { isWhatWasDumped: 'held', loads: 'held', comesBack: 'held' }

interface Roundtrip {
  /** Who dumps; the superuser by default. */
  readonly user?: { readonly name: string; readonly password: string }
  /** Who restores; the superuser by default. */
  readonly admin?: { readonly name: string; readonly password: string }
  /** Under which other name it is restored too. */
  readonly copy?: string
}

/** Backs a database up and expects its proof to succeed. Returns the outcome. */
export async function expectProved(
  server: PostgresServer,
  folder: ReturnType<typeof proofFolder>,
  database: string,
  user?: Roundtrip['user'],
): Promise<{ readonly archive: string; readonly outcome: PrintedOutcome }> {
  const archive = await takeBackup(server, folder, { database, ...(user === undefined ? {} : { user }) })
  const { code, outcomes } = await verifyAll(server, folder)
  const [outcome] = outcomes
  expect({ code, reasons: outcome?.reasons, facts: outcome?.facts }).toEqual({ code: 0, reasons: [], facts: HELD })
  expect(outcome?.verdict).toBe('proved')
  return { archive, outcome: outcome as PrintedOutcome }
}

/**
 * The whole life of a database: `backup -1`, `backup -v` (proved), `backup -r` over itself, and under another name if wanted. What
 * is then there must be what was there before. Returns what the proof said.
 */
export async function expectRoundtrip(
  server: PostgresServer,
  database: string,
  { user, admin, copy }: Roundtrip = {},
): Promise<PrintedOutcome> {
  using folder = proofFolder()
  const before = await pictureOf(server, database)
  const { archive, outcome } = await expectProved(server, folder, database, user)
  const names = [database, ...(copy === undefined ? [] : [copy])]
  for (const name of names) {
    const restored = await runRestore(server, name, {
      folder,
      args: ['-f', archive, '--yes'],
      ...(admin === undefined ? {} : { admin }),
    })
    expect({ name, ...restored }).toMatchObject({ code: 0, stdout: expect.not.stringContaining('left out') })
    expectSame(await pictureOf(server, name), before)
  }
  return outcome
}

/** Statements may be respelled after one load, so that only what can't be is compared; the program compares all of them. */
function expectSame(after: DatabasePicture, before: DatabasePicture): void {
  expect(after.facts).toEqual(before.facts)
  expect(after.largeObjects).toEqual(before.largeObjects)
  expect(rowsByTable(after)).toEqual(rowsByTable(before))
  expect(after.statements.length).toBe(before.statements.length)
}

/** Columns may come in another order; then the rows can't be compared as lines, and their number has to do. */
function rowsByTable({ rows }: DatabasePicture): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(rows).map(([table, lines]) => [sorted(table), lines.length]))
}

function sorted(table: string): string {
  return [...table].toSorted().join('')
}
