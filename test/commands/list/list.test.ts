import { describe, expect, test } from 'vitest'
import { type ListOptions, listBackups } from '../../../src/commands/list/list.ts'
import { commandContext } from '../../support/command-context.ts'
import { manifestOf, putArchive, putFile, temporaryVolume } from '../../support/volume.ts'

const never = new AbortController().signal

function putBackups(volume: string): void {
  const proved = {
    at: '2026-11-19T10:00:00Z',
    from: 'volume' as const,
    verdict: 'proved' as const,
    durationSeconds: 1,
    reasons: [],
  }
  putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz', { bytes: 110 })
  putArchive(volume, 'daily/2026-11-19/db-app_2026-11-19_01-00-00.sql.gz', {
    bytes: 100,
    manifest: { verifications: [proved] },
  })
  putArchive(volume, 'weekly/2026-11-15/db-app_2026-11-15_01-00-00.sql.gz', { bytes: 90, manifest: false })
  putArchive(volume, 'daily/2026-11-18/old-shop_2026-11-18_01-00-00.sql.gz', { bytes: 1000 })
  putFile(volume, 'daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz.in_progress')
  putFile(volume, 'daily/2026-11-20/notes.txt')
}

async function list(volume: string, given: Partial<ListOptions> & { problems?: boolean } = {}): Promise<string> {
  const problem = { severity: 'problem' as const, place: 'backup.conf:3', text: 'no database' }
  const { context, printed } = commandContext(volume, ['db-app', 'db-new'], given.problems ? [problem] : [])
  const options = {
    ...{ specs: [], filter: null, all: true, check: false, json: false },
    sizeOf: async () => 975_000_000,
    ...given,
  }
  const code = await listBackups(context, options, never)
  expect(code).toBe(0)
  return printed.join('\n')
}

describe('backup -l', () => {
  test('shows each database in the order of the configuration, then its archives', async () => {
    const volume = temporaryVolume()
    putBackups(volume)

    const lines = (await list(volume)).split('\n')

    expect(lines.slice(0, 9)).toEqual([
      'DATABASE  SIZE NOW  LAST BACKUP          AGE  BACKUP  CHANGE  KEPT  VERIFIED',
      'db/app      975 MB  2026-11-20 01:00:00  4 h   110 B   +10 %     3  proved on 2026-11-19',
      'db/new      975 MB  none                                         0  never verified',
      '',
      'db/app',
      '  TIER    TAKEN                 SIZE  VERIFIED              FILE',
      '  daily   2026-11-20 01:00:00  110 B  -                     daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz',
      '  daily   2026-11-19 01:00:00  100 B  proved on 2026-11-19  daily/2026-11-19/db-app_2026-11-19_01-00-00.sql.gz',
      '  weekly  2026-11-15 01:00:00   90 B  -                     weekly/2026-11-15/db-app_2026-11-15_01-00-00.sql.gz  (no manifest)',
    ])
  })

  test('FM156 shows what verifications said: FAILED, could not verify, and an older one that was proved', async () => {
    const volume = temporaryVolume()
    putBackups(volume)
    const said = (verdict: 'failed' | 'could-not-verify') => ({
      manifest: {
        verifications: [
          { at: '2026-11-20T10:00:00Z', from: 'volume' as const, verdict, durationSeconds: 1, reasons: [] },
        ],
      },
    })
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_03-00-00.sql.gz', said('failed'))
    putArchive(volume, 'daily/2026-11-20/db-new_2026-11-20_03-00-00.sql.gz', said('could-not-verify'))

    const text = await list(volume)

    expect(text).toMatch(/^db\/app .* FAILED on 2026-11-20, an older one proved on 2026-11-19$/m)
    expect(text).toMatch(/^db\/new .* could not verify on 2026-11-20$/m)
    expect(text).toMatch(/^ {2}daily .* FAILED on 2026-11-20 +daily\/2026-11-20\/db-app_2026-11-20_03-00-00/m)
    expect(text).not.toContain('never verified')
  })

  test('FM34 archives of databases that are not configured are reported with the command that removes them', async () => {
    const volume = temporaryVolume()
    putBackups(volume)

    const text = await list(volume)

    expect(text).toMatch(/old-shop +1 +1\.0 kB +2026-11-18 01:00:00 +backup -p -f old-shop\n/)
    expect(text).not.toContain('by mistake')
    expect(await list(volume, { problems: true })).toContain('Some may be missing there by mistake')
  })

  test('names what dead runs left, leaves foreign files out, and ends with the volume', async () => {
    const volume = temporaryVolume()
    putBackups(volume)

    const text = await list(volume)

    expect(text).toContain('  daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz.in_progress')
    expect(text).not.toContain('notes.txt')
    expect(text.split('\n').at(-1)).toMatch(/^\/.+: .+ of .+ used \(\d+ %\), .+ free; the archives take 1\.3 kB$/)
  })

  test('FM24 FM30 a bad archive and one from the future are named, and are not the last backup', async () => {
    const volume = temporaryVolume()
    putArchive(volume, 'daily/2026-11-19/db-app_2026-11-19_01-00-00.sql.gz')
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz', {
      bytes: 5,
      manifest: manifestOf('db-app_2026-11-20_01-00-00.sql.gz', 100),
    })
    putArchive(volume, 'daily/2031-01-01/db-app_2031-01-01_01-00-00.sql.gz')

    const text = await list(volume)

    expect(text).toMatch(/^db\/app +975 MB +2026-11-19 01:00:00/m)
    expect(text).toContain('2026-11-20_01-00-00.sql.gz  (not a whole backup)')
    expect(text).toContain('2031-01-01_01-00-00.sql.gz  (dated in the future)')
  })

  test('a filter shows the archives that it names', async () => {
    const volume = temporaryVolume()
    putBackups(volume)

    const text = await list(volume, { filter: '2026-11-19' })

    expect(text.match(/\.sql\.gz/g)).toHaveLength(2)
    expect(text).toContain('daily/2026-11-19/')
  })

  test('FM131 a filter leaves out the databases that it does not name, and one that names none is a mistake', async () => {
    const volume = temporaryVolume()
    putBackups(volume)

    const named = await list(volume, { filter: 'db-app' })

    expect(named).not.toContain('db/new')
    await expect(list(volume, { filter: 'elsewhere' })).rejects.toMatchObject({
      kind: 'usage',
      message: '-f "elsewhere": names no archive; expected a path, a file name, or a part of it',
    })
  })

  test('a server that fails or does not answer makes the size unknown after two seconds, and the rest is shown', async () => {
    const volume = temporaryVolume()
    let heard = false
    const sizeOf: ListOptions['sizeOf'] = ({ database }, signal) => {
      if (database === 'app') return Promise.reject(new Error('no route'))
      signal.addEventListener('abort', () => {
        heard = true
      })
      return new Promise(() => {})
    }

    const text = await list(volume, { sizeOf })

    expect(text.match(/unknown/g)).toHaveLength(2)
    expect(heard).toBe(true)
  })

  test('as JSON it says the same to a program', async () => {
    const volume = temporaryVolume()
    putBackups(volume)

    const listing = JSON.parse(await list(volume, { json: true }))

    expect(listing).toMatchObject({
      backupDir: volume,
      databases: [
        {
          database: 'db/app',
          databaseBytes: 975_000_000,
          last: { takenAt: '2026-11-20T08:00:00.000Z', ageSeconds: 14_400, bytes: 110 },
          previousBytes: 100,
          kept: 3,
          provedAt: '2026-11-19T10:00:00Z',
        },
        { database: 'db/new', last: null, archives: [] },
      ],
      orphans: [{ stem: 'old-shop', archives: 1, bytes: 1000, lastTakenAt: '2026-11-18T08:00:00.000Z' }],
      leftovers: ['daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz.in_progress'],
      volume: { archiveBytes: 1300 },
    })
  })
})
