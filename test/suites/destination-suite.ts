import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Destination } from '../../src/destinations/destination.ts'
import type { PutSource } from '../../src/destinations/put-source.ts'
import { operatorError } from '../support/failure.ts'

/** How the suite reaches one implementation. */
export interface SuiteServer extends AsyncDisposable {
  /** A destination at a place of this name, which does not exist before its first use; the same place each time. */
  open(place: string): Destination
}

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'
/** What a test that is about something else may fetch. */
const MOST = 10_000_000
const signal = AbortSignal.timeout(600_000)

/** The contract of `Destination`, for every implementation. */
export function destinationSuite(title: string, start: () => Promise<SuiteServer>): void {
  describe(`${title} keeps the contract of a destination:`, () => {
    let server: SuiteServer
    let folder: string
    let count = 0
    const fresh = (): Destination => {
      count += 1
      return server.open(`place-${count}`)
    }
    const file = (bytes: number): { path: string; bytes: number; sha256: string; content: Buffer } => {
      const content = randomBytes(bytes)
      const made = path.join(folder, `file-${randomBytes(6).toString('hex')}`)
      writeFileSync(made, content)
      return { path: made, bytes, sha256: sha256(content), content }
    }

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'destination-'))
      server = await start()
    })

    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    })

    test('FM44 what was put is listed under its name with its size, and nothing else is', async () => {
      await using destination = fresh()
      const before = await destination.list(signal)

      await destination.put({ name: NAME, source: file(3_000_001) }, signal)

      expect(before).toEqual([])
      expect(await destination.list(signal)).toEqual([{ name: NAME, bytes: 3_000_001, state: 'published' }])
    })

    test('what was put comes back, into a file of mode 0600, with the hash of what came', async () => {
      await using destination = fresh()
      const source = file(700_000)
      const into = path.join(folder, `got-${count}`)
      await destination.put({ name: NAME, source }, signal)

      const received = await destination.get({ name: NAME, path: into, mostBytes: MOST }, signal)

      expect(received).toEqual({ bytes: 700_000, sha256: source.sha256 })
      expect(readFileSync(into).equals(source.content)).toBe(true)
      expect(statSync(into).mode & 0o777).toBe(0o600)
    })

    test('a text is sent as well as a file', async () => {
      await using destination = fresh()
      const into = path.join(folder, `got-${count}`)

      await destination.put({ name: `${NAME}.json`, source: text('{"a": "ä"}') }, signal)
      await destination.get({ name: `${NAME}.json`, path: into, mostBytes: MOST }, signal)

      expect(readFileSync(into, 'utf8')).toBe('{"a": "ä"}')
    })

    test('progress grows up to the size of the file', async () => {
      await using destination = fresh()
      const seen: number[] = []

      await destination.put({ name: NAME, source: file(1_000_000), onProgress: bytes => seen.push(bytes) }, signal)

      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      expect(seen.at(-1)).toBe(1_000_000)
    })

    test('a second file of the same name replaces the first one', async () => {
      await using destination = fresh()
      const into = path.join(folder, `got-${count}`)
      await destination.put({ name: NAME, source: text('the first one, and a longer one') }, signal)

      await destination.put({ name: NAME, source: text('the second one') }, signal)
      await destination.get({ name: NAME, path: into, mostBytes: MOST }, signal)

      expect(readFileSync(into, 'utf8')).toBe('the second one')
      expect(await destination.list(signal)).toHaveLength(1)
    })

    test('another one at the same place sees the same files', async () => {
      await using destination = fresh()
      await using another = server.open(`place-${count}`)

      await destination.put({ name: NAME, source: text('content') }, signal)

      expect(await another.list(signal)).toEqual([{ name: NAME, bytes: 7, state: 'published' }])
    })

    test('FM14 names that begin alike, and those with a percent sign, are different files', async () => {
      await using destination = fresh()
      const names = ['a%20b-c%2Fd_2026-11-20_01-00-00.sql.gz', NAME, `${NAME}.json`, `x${NAME}`]
      for (const name of names) await destination.put({ name, source: text(name) }, signal)

      await destination.remove(NAME, signal)

      const left = await destination.list(signal)
      expect(left.map(({ name }) => name)).toEqual(names.filter(name => name !== NAME))
    })

    test('removing what is not there is no error', async () => {
      await using destination = fresh()
      await destination.put({ name: NAME, source: text('content') }, signal)

      await destination.remove(NAME, signal)
      await destination.remove(NAME, signal)

      expect(await destination.list(signal)).toEqual([])
    })

    test('a file that is not there is `missing`, and nothing is left of the try', async () => {
      await using destination = fresh()
      const into = path.join(folder, `got-${count}`)

      const error = await operatorError(destination.get({ name: NAME, path: into, mostBytes: MOST }, signal))

      expect(error.kind).toBe('missing')
      expect(existsSync(into)).toBe(false)
    })

    test('a file that is here already is not overwritten', async () => {
      await using destination = fresh()
      const into = file(10)
      await destination.put({ name: NAME, source: text('content') }, signal)

      const error = await operatorError(destination.get({ name: NAME, path: into.path, mostBytes: MOST }, signal))

      expect(error.kind).toBe('volume')
      expect(readFileSync(into.path).equals(into.content)).toBe(true)
    })

    test('FM44 a file that is not as long as its manifest says is not sent', async () => {
      await using destination = fresh()
      const source = file(1_000)
      writeFileSync(source.path, source.content.subarray(1))

      const error = await operatorError(destination.put({ name: NAME, source }, signal))

      expect(error.kind).toBe('incomplete')
      expect(await destination.list(signal)).toEqual([])
    })

    test('a file here that is gone is an error of the volume', async () => {
      await using destination = fresh()
      const source = { path: path.join(folder, 'gone'), bytes: 1, sha256: sha256(Buffer.from('x')) }

      const error = await operatorError(destination.put({ name: NAME, source }, signal))

      expect(error.kind).toBe('volume')
    })

    test('after an abort it rejects with the reason, publishes no half file, and works again', async () => {
      await using destination = fresh()
      const controller = new AbortController()
      const reason = new Error('enough')
      const source = file(40_000_000)
      const onProgress = (): void => controller.abort(reason)

      const aborted = destination.put({ name: NAME, source, onProgress }, controller.signal)

      await expect(aborted).rejects.toBe(reason)
      await expect(destination.list(controller.signal)).rejects.toBe(reason)
      const left = await destination.list(signal)
      expect(left.filter(({ state, bytes }) => state === 'published' && bytes !== source.bytes)).toEqual([])
      await destination.put({ name: NAME, source }, signal)
      expect(await destination.list(signal)).toEqual([{ name: NAME, bytes: source.bytes, state: 'published' }])
    })

    test('calls at the same time all succeed', async () => {
      await using destination = fresh()
      const names = Array.from({ length: 5 }, (_, index) => `${index}-${NAME}`)

      await Promise.all(names.map(name => destination.put({ name, source: text(name) }, signal)))

      expect((await destination.list(signal)).map(({ name }) => name)).toEqual(names)
    })

    test('may be disposed of twice', async () => {
      const destination = fresh()
      await destination.list(signal)

      await destination[Symbol.asyncDispose]()

      await expect(destination[Symbol.asyncDispose]()).resolves.toBeUndefined()
    })
  })
}

export function text(content: string): PutSource {
  return { content: Buffer.from(content) }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
