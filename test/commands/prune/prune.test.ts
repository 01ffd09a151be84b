import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { acquireLock } from '../../../src/catalog/locks.ts'
import { type PruneOptions, pruneBackups } from '../../../src/commands/prune/prune.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { commandContext } from '../../support/command-context.ts'
import { filesOf, putArchive, temporaryVolume } from '../../support/volume.ts'

const never = new AbortController().signal

interface Given extends Partial<PruneOptions> {
  readonly isTerminal?: boolean
  readonly keep?: null
}

function putDays(volume: string, stem: string, days: readonly number[], manifest?: false): void {
  for (const day of days) {
    putArchive(
      volume,
      `daily/2026-11-${day}/${stem}_2026-11-${day}_01-00-00.sql.gz`,
      manifest === false ? { manifest } : {},
    )
  }
}

/** The days whose archives of a stem are there. */
function daysOf(volume: string, stem: string): number[] {
  return filesOf(volume)
    .filter(path => path.endsWith('.sql.gz') && path.includes(`/${stem}_2026`))
    .map(path => Number(path.slice('daily/2026-11-'.length, 'daily/2026-11-'.length + 2)))
}

async function prune(volume: string, given: Given = {}): Promise<{ code: number; text: string }> {
  const { context, printed } = commandContext(volume, ['db-app', 'db-shop'], [], given)
  const options: PruneOptions = {
    filter: null,
    dryRun: false,
    force: false,
    yes: false,
    json: false,
    prompts: null,
    check: async () => true,
    ...given,
  }
  const code = await pruneBackups(context, options, never)
  return { code, text: printed.join('\n') }
}

describe('backup -p', () => {
  test('removes what the counts do not keep, and gives a reason for every archive', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])
    putDays(volume, 'db-shop', [11, 12])

    const { code, text } = await prune(volume)

    expect(code).toBe(0)
    expect(daysOf(volume, 'db-app')).toEqual([11, 12])
    expect(daysOf(volume, 'db-shop')).toEqual([11, 12])
    expect(text).toMatch(
      /^remove +daily\/2026-11-10\/db-app_\S+ +100 B +10 d +older than the newest 2 good daily backups$/m,
    )
    expect(text).toMatch(/^keep +daily\/2026-11-12\/db-app_\S+ +100 B +8 d +the newest backup known to be good$/m)
    expect(text).toContain('To remove: 1 archive, 100 B.')
    expect(text).toContain('Removed: 1 archive, 100 B.')
  })

  test('a dry run shows the same and removes nothing', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])

    const { code, text } = await prune(volume, { dryRun: true })

    expect(code).toBe(0)
    expect(text).toContain('To remove: 1 archive')
    expect(text).not.toContain('Removed')
    expect(daysOf(volume, 'db-app')).toEqual([10, 11, 12])
  })

  test('on a terminal it asks first, unless told not to', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])
    const questions: string[] = []
    const refuse = async (question: string): Promise<boolean> => questions.push(question) < 0

    await prune(volume, { isTerminal: true, prompts: { confirm: refuse } })
    const afterNo = daysOf(volume, 'db-app')
    await prune(volume, { isTerminal: true, yes: true, prompts: { confirm: refuse } })

    expect(questions).toEqual(['Remove 1 archive?'])
    expect(afterNo).toEqual([10, 11, 12])
    expect(daysOf(volume, 'db-app')).toEqual([11, 12])
  })

  test('FM34 archives of databases that are not configured are reported and stay', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'old-db', [10, 11, 12])

    const { text } = await prune(volume)

    expect(text).toContain('  old-db: backup -p -f old-db')
    expect(daysOf(volume, 'old-db')).toEqual([10, 11, 12])
  })

  test('FM34 FM26 the command for them removes them, the last good one only by force', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'old-db', [10, 11, 12])
    putDays(volume, 'old-db_two', [10])

    const first = await prune(volume, { filter: 'old-db', yes: true })
    const afterFirst = daysOf(volume, 'old-db')
    await prune(volume, { filter: 'old-db', force: true, yes: true })

    expect(first.text).toContain('only --force removes it')
    expect(afterFirst).toEqual([12])
    expect(daysOf(volume, 'old-db')).toEqual([])
    expect(daysOf(volume, 'old-db_two')).toEqual([10])
  })

  test('a filter that names nothing is a mistake of the command line', async () => {
    for (const filter of ['typo', '']) {
      const message = expect.stringContaining('names no archive')
      await expect(prune(temporaryVolume(), { filter, yes: true })).rejects.toMatchObject({ kind: 'usage', message })
    }
  })

  test.each([
    ['a filter, without a terminal', { filter: 'db-app' }],
    ['a filter, with a terminal that only shows', { filter: 'db-app', isTerminal: true }],
    ['the counts, with a terminal that only shows', { isTerminal: true }],
  ])('FM128 by %s nothing goes that nobody confirmed', async (_, given) => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])

    await expect(prune(volume, { ...given, force: true })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/there is no terminal to ask on; expected --yes or -s/),
    })
    expect(daysOf(volume, 'db-app')).toEqual([10, 11, 12])
  })

  test('FM128 by a filter a dry run asks nobody, and a person who says no keeps all', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])
    const questions: string[] = []
    const refuse = async (question: string): Promise<boolean> => questions.push(question) < 0

    await prune(volume, { filter: 'db-app', dryRun: true })
    await prune(volume, { filter: 'db-app', isTerminal: true, prompts: { confirm: refuse } })

    expect(questions).toEqual(['Remove 2 archives?'])
    expect(daysOf(volume, 'db-app')).toEqual([10, 11, 12])
  })

  test('FM27 with unreadable counts nothing goes', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12, 13])

    const { text } = await prune(volume, { keep: null })

    expect(text).toContain('Nothing to remove.')
    expect(daysOf(volume, 'db-app')).toHaveLength(4)
  })

  test('FM87 archives of the original tool that hold no dump push out none that do', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12, 13, 14], false)

    await prune(volume, { check: async path => !/-1[34]\//.test(path) })

    expect(daysOf(volume, 'db-app')).toEqual([11, 12, 13, 14])
  })

  test('FM21 a locked database is left alone while the others are pruned, and the exit code says so', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])
    await using _held = await acquireLock(
      { backupDir: volume, stem: 'db-app', runId: 'other', waitMs: 0, clock: systemClock },
      never,
    )

    const alone = await prune(volume)
    putDays(volume, 'db-shop', [10, 11, 12])
    const both = await prune(volume)

    expect(alone.code).toBe(11)
    expect(alone.text).toContain('Failed for db-app: db-app: locked by run other')
    expect(both.code).toBe(11)
    expect(daysOf(volume, 'db-app')).toEqual([10, 11, 12])
    expect(daysOf(volume, 'db-shop')).toEqual([11, 12])
  })

  test('FM42 one failure does not hide or stop the others', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])
    putDays(volume, 'db-shop', [10, 11, 12])
    putArchive(volume, '.backup/locks/db-app.lock/x', { manifest: false })

    const one = await prune(volume)
    rmSync(`${volume}/.backup/locks/db-app.lock`, { recursive: true })
    const again = await prune(volume)

    expect(one.code).toBe(3)
    expect(daysOf(volume, 'db-shop')).toEqual([11, 12])
    expect(again.code).toBe(0)
  })

  test('as JSON it says the same to a program', async () => {
    const volume = temporaryVolume()
    putDays(volume, 'db-app', [10, 11, 12])
    putDays(volume, 'old-db', [10])

    const { text } = await prune(volume, { json: true })

    expect(JSON.parse(text)).toMatchObject({
      databases: [
        {
          stem: 'db-app',
          failure: null,
          archives: [
            { action: 'keep', removed: false },
            { action: 'keep', removed: false },
            { path: 'daily/2026-11-10/db-app_2026-11-10_01-00-00.sql.gz', action: 'remove', removed: true },
          ],
        },
      ],
      orphans: ['old-db'],
    })
  })
})
