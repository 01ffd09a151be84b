import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openOutbox } from '../../../src/notifications/edge/outbox.ts'
import type { Notice } from '../../../src/notifications/notice.ts'
import { createPendingNotices } from '../../../src/notifications/pending-notices.ts'
import { type JumpingClock, jumpingClock } from '../../support/jumping-clock.ts'
import { ODD_FILES, putOdd } from '../../support/odd-files.ts'
import { temporaryVolume } from '../../support/volume.ts'
import { keptLog, textMessage } from '../samples.ts'

const LIMITS = { longestAgeMs: 3 * 86_400_000, mostNotices: 5, adoptAfterMs: 60_000 }

const notice = (title: string): Notice => ({
  kind: 'message',
  at: '2026-11-20T01:00:00-07:00',
  message: textMessage(title),
})
const titleOf = ({ message }: Notice): string => message.title.join('')

function pendingOn(volume: string, clock: JumpingClock = jumpingClock('2026-11-20T08:00:00Z')) {
  const { log, lines } = keptLog()
  return {
    pending: createPendingNotices({ outbox: openOutbox(volume, 'chat'), clock, log, limits: LIMITS }),
    clock,
    lines,
  }
}

function filesOf(volume: string): readonly string[] {
  return readdirSync(join(volume, '.backup', 'outbox', 'chat'))
}

describe('the outbox', () => {
  test('FM103 what is no file in it is not waited for, and keeps nobody from being told', async () => {
    const volume = temporaryVolume()
    const outbox = openOutbox(volume, 'chat')
    for (const [index, what] of ODD_FILES.entries()) {
      await putOdd(join(volume, '.backup/outbox/chat', `0000000000000${index}-000001-0123456${index}.json`), what)
    }
    await outbox.store(notice('one'), new Date('2026-11-20T08:00:00Z'))

    const stored = await outbox.list()

    expect(stored.map(each => titleOf(each.notice))).toEqual(['one'])
  })

  test('keeps notices in their order, readable by nobody but who shares the volume, until they are removed', async () => {
    const volume = temporaryVolume()
    const outbox = openOutbox(volume, 'chat')
    const now = new Date('2026-11-20T08:00:00Z')
    for (const title of ['one', 'two', 'three']) await outbox.store(notice(title), now)

    const stored = await openOutbox(volume, 'chat').list()

    expect(stored.map(each => titleOf(each.notice))).toEqual(['one', 'two', 'three'])
    expect(stored.map(each => each.since)).toEqual([now, now, now])
    const folder = join(volume, '.backup', 'outbox', 'chat')
    expect(filesOf(volume).map(name => statSync(join(folder, name)).mode & 0o007)).toEqual([0, 0, 0])
    for (const { name } of stored) await outbox.remove(name)
    expect(await outbox.list()).toEqual([])
  })

  test('removes what cannot be read, and leaves alone what is not its own', async () => {
    const volume = temporaryVolume()
    const folder = join(volume, '.backup', 'outbox', 'chat')
    mkdirSync(folder, { recursive: true })
    for (const [index, text] of ['{"kind":', 'null', '{"at":"x","message":{"title":[]}}'].entries()) {
      writeFileSync(join(folder, `01763625600000-00000${index}-abcdef01.json`), text)
    }
    writeFileSync(join(folder, 'notes.txt'), 'mine')

    expect(await openOutbox(volume, 'chat').list()).toEqual([])
    expect(filesOf(volume)).toEqual(['notes.txt'])
  })

  test('of one channel does not show in another', async () => {
    const volume = temporaryVolume()
    await openOutbox(volume, 'chat').store(notice('one'), new Date(0))

    expect(await openOutbox(volume, 'pagerduty').list()).toEqual([])
  })
})

describe('what is still to be told', () => {
  test('comes from earlier runs first', async () => {
    const volume = temporaryVolume()
    const before = pendingOn(volume)
    before.pending.add(notice('old'))
    await before.pending.store()
    const { pending, clock } = pendingOn(volume)
    clock.jump(3_600_000)
    pending.add(notice('new'))

    await pending.adopt()

    expect(pending.all().map(each => titleOf(each.notice))).toEqual(['old', 'new'])
  })

  test('is left to the run that wrote it a moment ago', async () => {
    const volume = temporaryVolume()
    const other = pendingOn(volume)
    other.pending.add(notice('its own'))
    await other.pending.store()
    const { pending } = pendingOn(volume)

    await pending.adopt()

    expect(pending.size).toBe(0)
  })

  test('is passed over when another run has told it in the meantime', async () => {
    const volume = temporaryVolume()
    const { pending } = pendingOn(volume)
    pending.add(notice('one'))
    pending.add(notice('two'))
    await pending.store()
    const [first] = await openOutbox(volume, 'chat').list()
    await openOutbox(volume, 'chat').remove(first?.name ?? '')

    expect(titleOf((await pending.first())?.notice ?? notice('none'))).toBe('two')
  })

  test('FM52 is bounded in number and in age, and what is dropped is named', async () => {
    const volume = temporaryVolume()
    const { pending, clock } = pendingOn(volume)
    for (let index = 0; index < 7; index += 1) pending.add(notice(`n${index}`))
    await pending.store()

    const tooMany = await pending.dropOld()
    clock.jump(LIMITS.longestAgeMs + 1)
    const tooOld = await pending.dropOld()

    expect(tooMany.map(each => titleOf(each.notice))).toEqual(['n0', 'n1'])
    expect(tooMany[0]?.detail).toBe('more than 5 waited')
    expect(tooOld).toHaveLength(5)
    expect(filesOf(volume)).toEqual([])
  })

  test('stays in memory when the volume cannot be written', async () => {
    const volume = temporaryVolume()
    writeFileSync(join(volume, '.backup'), 'a file in the place of the folder')
    const { pending, lines } = pendingOn(volume)
    pending.add(notice('one'))

    await pending.adopt()
    await pending.store()

    expect(await pending.first()).toMatchObject({ name: null })
    expect(lines.some(line => line.startsWith('warn outbox-not-usable'))).toBe(true)
  })

  test('holds pings in memory only, because a late one would lie', async () => {
    const volume = temporaryVolume()
    const { pending } = pendingOn(volume)
    pending.add({
      kind: 'ping',
      at: '2026-11-20T01:00:00-07:00',
      state: 'success',
      runId: 'r',
      message: textMessage('x'),
    })

    await pending.store()

    expect(await openOutbox(volume, 'chat').list()).toEqual([])
    expect(pending.size).toBe(1)
  })
})

test('a file holds the notice and nothing else', async () => {
  const volume = temporaryVolume()
  await openOutbox(volume, 'chat').store(notice('one'), new Date(0))

  const [name] = filesOf(volume)

  expect(JSON.parse(readFileSync(join(volume, '.backup', 'outbox', 'chat', name ?? ''), 'utf8'))).toEqual(notice('one'))
})
