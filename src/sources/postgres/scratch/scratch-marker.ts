import { open, readFile, stat } from 'node:fs/promises'
import type { Clock } from '../../../system/clock.ts'
import { codeOf } from '../../../system/error-code.ts'
import type { ScratchMarker } from './scratch-place.ts'

const HEARTBEAT_MS = 30_000

/** A marker as it was found. `marker` is null for a damaged one; `touchedNs` is its last heartbeat, by the file system's clock. */
export interface FoundMarker {
  readonly marker: ScratchMarker | null
  readonly touchedNs: bigint
}

/** Reads a marker; null if it is gone or not ours to read. */
export async function readScratchMarker(file: string): Promise<FoundMarker | null> {
  try {
    const { mtimeNs } = await stat(file, { bigint: true })
    return { marker: parsed(await readFile(file, 'utf8')), touchedNs: mtimeNs }
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM'].includes(codeOf(error))) return null
    throw error
  }
}

/** Writes the marker's own words over themselves every half minute, so that other pods see that its owner lives. */
export function keepMarkerFresh(file: string, clock: Clock): AsyncDisposable {
  const stop = new AbortController()
  const beating = beat(file, clock, stop.signal)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await beating
    },
  }
}

async function beat(file: string, clock: Clock, stop: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(HEARTBEAT_MS, stop).catch(() => {})
    if (stop.aborted) return
    // A beat that fails is no loss: the next one comes long before others take the marker for an old one.
    await touch(file).catch(() => {})
  }
}

async function touch(file: string): Promise<void> {
  await using handle = await open(file, 'r+')
  await handle.write(await handle.readFile('utf8'), 0, 'utf8')
}

function parsed(text: string): ScratchMarker | null {
  try {
    const json = JSON.parse(text) as Partial<ScratchMarker> | null
    return typeof json?.pid === 'number' && typeof json.socketFolder === 'string' ? (json as ScratchMarker) : null
  } catch {
    return null
  }
}
