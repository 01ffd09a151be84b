import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/catalog.ts'
import { openCheckedArchives } from '../../src/catalog/checked.ts'
import { acquireLock } from '../../src/catalog/locks.ts'
import { pinArchive, readPins, removeDeadPins } from '../../src/catalog/pins.ts'
import { carryOutPrune, planPrune } from '../../src/catalog/prune-archives.ts'
import { sweepLeftovers } from '../../src/catalog/sweep-leftovers.ts'
import { contentProblem } from '../../src/sources/sources.ts'
import { systemClock } from '../../src/system/clock.ts'
import { putOdd } from '../support/odd-files.ts'
import { filesOf, putArchive, temporaryVolume } from '../support/volume.ts'

const never = new AbortController().signal
const HOLDER = fileURLToPath(new URL('../support/pin-holder.ts', import.meta.url))

function put(volume: string, day: number) {
  const folder = `daily/2026-11-${day}`
  const name = `db-app_2026-11-${day}_01-00-00.sql.gz`
  return { folder, name, stem: 'db-app', path: putArchive(volume, `${folder}/${name}`) }
}

const input = (backupDir: string) => ({ backupDir, runId: 'run', clock: systemClock })
const pinFiles = (volume: string): string[] => readdirSync(join(volume, '.backup/pins'))

/** Decides and removes what a count of one daily archive does not keep. */
async function prune(volume: string, between: () => Promise<unknown> = async () => {}) {
  const { entries } = await readCatalog(volume, { timeZone: 'UTC', stems: new Set(['db-app']) })
  const keep = { daily: 1, weekly: 1, monthly: 1, yearly: 0, all: 1 }
  const rule = { kind: 'counts', keep, strategy: 'rolling', fresh: null } as const
  const checked = await openCheckedArchives(volume, () => {})
  const now = new Date('2026-11-30T00:00:00Z')
  const pins = await readPins(volume)
  const fixed = { stem: 'db-app', entries, rule, checked, now, pins, contentProblem, check: async () => true }
  const decisions = await planPrune(fixed, never)
  await between()
  await using lock = await acquireLock({ ...input(volume), stem: 'db-app', waitMs: 0 }, never)
  return { decisions, outcome: await carryOutPrune(volume, decisions, lock) }
}

async function startHolder(volume: string, at: { readonly folder: string; readonly name: string }) {
  const child = fork(HOLDER, [volume, at.folder, at.name], { stdio: 'inherit' })
  await once(child, 'message')
  return child
}

describe('a pinned archive', () => {
  test('stays, with the reason, until the last pin on it is gone; no backup waits for it', async () => {
    const volume = temporaryVolume()
    const [old] = [put(volume, 10), put(volume, 12)]
    const first = await pinArchive(old, input(volume))
    const second = await pinArchive(old, input(volume))
    await first[Symbol.asyncDispose]()

    const pinned = await prune(volume)
    await second[Symbol.asyncDispose]()
    const free = await prune(volume)

    expect(pinned.decisions.map(({ action, reason }) => `${action}: ${reason}`)).toEqual([
      'keep: the newest backup known to be good',
      'keep: pinned: a verification or a restore reads it',
    ])
    expect(pinned.outcome.removed).toEqual([])
    expect(free.outcome.removed).toMatchObject([{ folder: 'daily/2026-11-10' }])
    expect(pinFiles(volume)).toEqual([])
  })

  test('stays although it was pinned only after the decision to remove it', async () => {
    const volume = temporaryVolume()
    const [old, older] = [put(volume, 11), put(volume, 10), put(volume, 12)]
    await using stack = new AsyncDisposableStack()

    const { outcome } = await prune(volume, async () => stack.use(await pinArchive(old, input(volume))))

    expect(outcome).toMatchObject({ error: null, removed: [{ path: older?.path }] })
    expect(filesOf(volume)).toContain(`${old?.folder}/${old?.name}`)
  })

  test('FM88 the pin of a run that was killed holds nothing up, and is swept', async () => {
    const volume = temporaryVolume()
    const [old] = [put(volume, 10), put(volume, 12)]
    const holder = await startHolder(volume, old)
    const whileAlive = await prune(volume)
    holder.kill('SIGKILL')
    await once(holder, 'exit')

    const after = await prune(volume)

    expect(whileAlive.outcome.removed).toEqual([])
    expect(after.outcome.removed).toMatchObject([{ folder: 'daily/2026-11-10' }])
    expect(pinFiles(volume)).toEqual([])
  })

  test('a pin that can not be read holds everything until it is 90 seconds old', async () => {
    const volume = temporaryVolume()
    const [old] = [put(volume, 10), put(volume, 12)]
    await (await pinArchive(old, input(volume)))[Symbol.asyncDispose]()
    const path = join(volume, '.backup/pins', '0b0e6a1c-8a0f-4e2f-9a2e-0123456789ab.pin')
    writeFileSync(path, '{"tok')

    const young = await prune(volume)
    const longAgo = new Date(Date.now() - 91_000)
    utimesSync(path, longAgo, longAgo)
    const aged = await prune(volume)

    expect(young.outcome.removed).toEqual([])
    expect(aged.outcome.removed).toHaveLength(1)
    expect(pinFiles(volume)).toEqual([])
  })

  test('can not be one that was removed a moment ago', async () => {
    const volume = temporaryVolume()
    const old = put(volume, 10)
    rmSync(old.path)

    await expect(pinArchive(old, input(volume))).rejects.toMatchObject({ kind: 'volume' })
    expect(pinFiles(volume)).toEqual([])
  })
})

describe('FM106 the pin of a run that was killed', () => {
  const DEAD = '0b0e6a1c-8a0f-4e2f-9a2e-0123456789ab'

  /** Of a pod that is not this one: only its heartbeat says whether it lives. */
  function putForeignPin(volume: string, name: string, ageMs: number): void {
    const path = join(volume, '.backup/pins', name)
    mkdirSync(dirname(path), { recursive: true })
    const holder = { token: DEAD, runId: 'r', pid: 7, owner: 'other-pod', archive: 'daily/2026-11-10/x', since: '' }
    writeFileSync(path, JSON.stringify({ ...holder, bootId: 'b', pidNamespace: 'n', processStart: '1' }))
    const touched = new Date(Date.now() - ageMs)
    utimesSync(path, touched, touched)
  }

  test('goes with the next proof or restore, and with the next backup, whether that prunes or not', async () => {
    const volume = temporaryVolume()
    const [old, other] = [put(volume, 10), put(volume, 12)]
    const left: number[] = []
    for (const next of ['a reader', 'a backup']) {
      const holder = await startHolder(volume, old)
      holder.kill('SIGKILL')
      await once(holder, 'exit')
      left.push(pinFiles(volume).length)
      if (next === 'a reader') await (await pinArchive(other, input(volume)))[Symbol.asyncDispose]()
      else {
        await using lock = await acquireLock({ ...input(volume), stem: 'db-app', waitMs: 0 }, never)
        await sweepLeftovers(volume, lock)
      }
      left.push(pinFiles(volume).length)
    }

    expect(left).toEqual([1, 0, 1, 0])
  })

  test('in another pod is dead when its heartbeat is 90 seconds old, and not before', async () => {
    const volume = temporaryVolume()
    put(volume, 10)
    putForeignPin(volume, `${DEAD}.pin`, 60_000)
    await removeDeadPins(volume)
    const young = pinFiles(volume)
    putForeignPin(volume, `${DEAD}.pin`, 91_000)

    await removeDeadPins(volume)

    expect(young).toEqual([`${DEAD}.pin`])
    expect(pinFiles(volume)).toEqual([])
  })

  test('leaves no draft for ever: what is more than an hour old goes, what is younger may be a live one', async () => {
    const volume = temporaryVolume()
    put(volume, 10)
    const [old, young] = ['11111111-8a0f-4e2f-9a2e-0123456789ab', '22222222-8a0f-4e2f-9a2e-0123456789ab']
    putForeignPin(volume, `${DEAD}.pin.${old}`, 3_700_000)
    putForeignPin(volume, `${DEAD}.pin.${young}`, 3_000_000)
    writeFileSync(join(volume, '.backup/pins/notes.txt'), 'of a person')

    await removeDeadPins(volume)

    expect(pinFiles(volume).toSorted()).toEqual([`${DEAD}.pin.${young}`, 'notes.txt'])
  })

  test('is no file, and so none of ours: it holds nothing up, and nothing waits for it', async () => {
    const volume = temporaryVolume()
    put(volume, 10)
    put(volume, 12)
    for (const what of ['a FIFO', 'a folder', 'a symbolic link'] as const) {
      await putOdd(join(volume, '.backup/pins', `${DEAD.slice(0, -1)}${what.length % 10}.pin`), what)
    }

    const { outcome } = await prune(volume)

    expect(outcome).toMatchObject({ error: null, removed: [{ folder: 'daily/2026-11-10' }] })
  })
})

test('FM99 a pin that can not be put says why, and the archive can be read', async () => {
  const volume = temporaryVolume()
  const old = put(volume, 10)
  writeFileSync(join(volume, '.backup'), 'a file in the way')

  await using pin = await pinArchive(old, input(volume))

  expect(pin.problem).toMatchObject({ kind: 'volume', message: expect.stringContaining('a plain file') })
})
