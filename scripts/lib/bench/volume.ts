import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { folderOf, TIERS, type Tier } from '../../../src/catalog/naming/archive-folder.ts'
import { archiveName, manifestName } from '../../../src/catalog/naming/names.ts'
import { databaseId } from '../../../src/config/source-id.ts'
import { isoWithOffset, localTime } from '../../../src/system/time-zone.ts'

/** A volume to make: `perTier` archives of each database in each tier, the newest taken just before `now`. */
export interface VolumePlan {
  readonly folder: string
  readonly host: string
  readonly port: number
  readonly databases: readonly string[]
  readonly perTier: number
  readonly withManifests: boolean
  readonly now: Date
}

const DAY = 86_400_000
const DAYS_BETWEEN: Readonly<Record<Tier, number>> = { daily: 1, weekly: 7, monthly: 30, yearly: 365 }
const content = gzipSync('-- an archive of a bench: only its name, its size and its manifest are looked at\n')
const digest = createHash('sha256').update(content).digest('hex')

/** Writes the volume as this program would have left it after years without pruning; returns the number of archives. */
export async function createVolume(plan: VolumePlan, signal: AbortSignal): Promise<number> {
  for (const tier of TIERS) {
    for (let age = 1; age <= plan.perTier; age++) {
      signal.throwIfAborted()
      await writeDay(plan, tier, new Date(plan.now.getTime() - age * DAYS_BETWEEN[tier] * DAY))
    }
  }
  return TIERS.length * plan.perTier * plan.databases.length
}

async function writeDay(plan: VolumePlan, tier: Tier, takenAt: Date): Promise<void> {
  const time = localTime(takenAt, 'UTC')
  const folder = path.join(plan.folder, folderOf(tier, time))
  await mkdir(folder, { recursive: true })
  for (const database of plan.databases) {
    const archive = archiveName(databaseId({ ...plan, database }).stem, time)
    await writeFile(path.join(folder, archive), content, { mode: 0o600 })
    if (!plan.withManifests) continue
    const manifest = JSON.stringify(manifestOf({ plan, tier, takenAt, database, archive }), null, 2)
    await writeFile(path.join(folder, manifestName(archive)), manifest, { mode: 0o600 })
  }
}

interface Archive {
  readonly plan: VolumePlan
  readonly tier: Tier
  readonly takenAt: Date
  readonly database: string
  readonly archive: string
}

/** A manifest of the usual size: thirty tables of six columns. */
function manifestOf({ plan, tier, takenAt, database, archive }: Archive): Record<string, unknown> {
  const counted = { count: 30, sha256: digest }
  return {
    schemaVersion: 1,
    archive,
    tier,
    startedAt: isoWithOffset(takenAt, 'UTC'),
    finishedAt: isoWithOffset(new Date(takenAt.getTime() + 2000), 'UTC'),
    database: databaseOf(plan, database),
    server: { version: '15.18' },
    tools: { backupContainer: '0.1.0', pgDump: '15.18', compressor: 'igzip' },
    rawBytes: 2_000_000,
    storedBytes: content.length,
    sha256: digest,
    parts: [
      { part: 'roles', offset: 0, bytes: 10, status: 'complete' },
      { part: 'dump', offset: 10, bytes: content.length - 20, status: 'complete' },
      { part: 'database', offset: content.length - 10, bytes: 10, status: 'complete' },
    ],
    omitted: [],
    notes: [],
    fingerprint: {
      version: 1,
      session: { timeZone: 'UTC', clientEncoding: 'UTF8' },
      statements: counted,
      sequences: counted,
      largeObjects: { count: 0, sha256: digest },
      tables: Array.from({ length: 30 }, (_, index) => tableOf(index + 1)),
    },
    copies: [],
    verifications: [],
  }
}

function databaseOf(plan: VolumePlan, name: string): Record<string, unknown> {
  const locale = { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' }
  const nothing = { settings: [], acl: [], comment: null, connectionLimit: -1, tablespaces: [], extensions: [] }
  return { host: plan.host, port: plan.port, name, owner: 'app', ...locale, ...nothing, sizeBytes: 12_000_000 }
}

function tableOf(number: number): Record<string, unknown> {
  const columns = ['id', 'parent_id', 'name', 'amount', 'changed_at', 'data']
  return { name: `public.item_${number}`, columns, rows: 500, sha256: digest }
}
