import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { metricsReference, REFERENCE_FILE } from '../../scripts/metrics-reference.ts'
import { METRICS } from '../../src/status/metrics-table.ts'
import { metricsText } from '../../src/status/metrics-text.ts'
import type { ServiceStatus } from '../../src/status/service-status.ts'
import { databaseStatus, serviceStatus } from '../support/service-status.ts'

const LINE = /^(# (HELP|TYPE) backup_[a-z_]+ .+|backup_[a-z_]+(\{database="(?:[^"\\\n]|\\["\\n])*"\})? -?[0-9.e+]+)$/

function sampleOf(name: string, status: ServiceStatus): string | undefined {
  return new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(metricsText(status))?.[1]
}

describe('the text of the metrics', () => {
  test('is what Prometheus reads, whatever a database is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), name => {
        const text = metricsText(serviceStatus({ databases: [databaseStatus({ database: `host/${name}` })] }))

        expect(text.endsWith('\n')).toBe(true)
        expect(
          text
            .split('\n')
            .slice(0, -1)
            .filter(line => !LINE.test(line.replace(/[\r\u2028\u2029]/g, ''))),
        ).toEqual([])
      }),
    )
  })

  test('names each database once a metric, and nothing else is a label', () => {
    const databases = [databaseStatus({ database: 'a/b' }), databaseStatus({ database: 'c/d' })]

    const text = metricsText(serviceStatus({ databases }))

    expect(text.match(/^backup_last_success_timestamp_seconds\{/gm)).toHaveLength(2)
    expect(new Set([...text.matchAll(/\{([a-z_]+)=/g)].map(match => match[1]))).toEqual(new Set(['database']))
    expect(text).not.toMatch(/sql\.gz/)
  })

  test('FM71 says 0 for a database that was never backed up, so that an alarm on the age goes off', () => {
    const status = serviceStatus({ databases: [databaseStatus({ lastSuccess: null, lastProved: null })] })

    expect(sampleOf('backup_last_success_timestamp_seconds', status)).toBe('0')
    expect(sampleOf('backup_last_proved_timestamp_seconds', status)).toBe('0')
    expect(sampleOf('backup_last_archive_size_bytes', status)).toBeUndefined()
  })

  test.each([
    ['proved', '1'],
    ['failed', '0'],
    ['could-not-verify', '-1'],
  ] as const)('FM72 shows the verdict %s as %s', (verdict, value) => {
    const lastVerification = { at: '2026-11-20T04:00:00-07:00', verdict }

    const status = serviceStatus({ databases: [databaseStatus({ lastVerification })] })

    expect(sampleOf('backup_last_verification_verdict', status)).toBe(value)
    expect(sampleOf('backup_last_verification_timestamp_seconds', status)).toBe('1795172400')
  })

  test('FM144 counts what restores have kept, and says nothing where no backup has looked', () => {
    const kept = { name: 'a', bytes: 7, since: '2026-11-20T01:00:00-07:00', dropWith: 'DROP DATABASE "a";' }
    const databases = [kept, { ...kept, bytes: null, since: '2026-11-21T01:00:00-07:00' }]
    const seen = serviceStatus({ databases: [databaseStatus({ kept: { seenAt: kept.since, databases } })] })
    const none = serviceStatus({ databases: [databaseStatus({ kept: { seenAt: kept.since, databases: [] } })] })

    expect(sampleOf('backup_kept_databases', seen)).toBe('2')
    expect(sampleOf('backup_kept_databases_size_bytes', seen)).toBe('7')
    expect(sampleOf('backup_oldest_kept_database_timestamp_seconds', seen)).toBe('1795161600')
    expect(sampleOf('backup_kept_databases', none)).toBe('0')
    expect(sampleOf('backup_oldest_kept_database_timestamp_seconds', none)).toBeUndefined()
    expect(sampleOf('backup_kept_databases', serviceStatus())).toBeUndefined()
  })

  test('shows the expected interval and the next run of each kind', () => {
    const schedule = { schedule: '0 1 * * *', timeZone: 'UTC', next: '2026-11-21T01:00:00+00:00' }
    const schedules = [
      { ...schedule, mode: 'backup', intervalSeconds: 86_400 },
      { ...schedule, mode: 'verify', intervalSeconds: 604_800, next: '2026-11-22T01:00:00+00:00' },
    ]

    const status = serviceStatus({ schedules })

    expect(sampleOf('backup_expected_interval_seconds', status)).toBe('86400')
    expect(sampleOf('backup_expected_verification_interval_seconds', status)).toBe('604800')
    expect(sampleOf('backup_next_backup_timestamp_seconds', status)).toBe('1795222800')
    expect(sampleOf('backup_next_run_timestamp_seconds', status)).toBe('1795222800')
  })
})

describe('the table of metrics', () => {
  test.each(METRICS.map(({ name, type }) => ({ name, type })))(
    '$name is named as Prometheus advises',
    ({ name, type }) => {
      expect(name).toMatch(/^backup_[a-z0-9_]+$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|mb|kb|kilobytes|percent)(_|$)/)
    },
  )

  test('has no name twice', () => {
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length)
  })

  test('docs/reference/metrics.md is made from it', () => {
    expect(readFileSync(REFERENCE_FILE, 'utf8')).toBe(metricsReference())
  })
})
