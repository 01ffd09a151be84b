import { describe, expect, test } from 'vitest'
import { checkConfiguration } from '../../../src/commands/check-configuration/check-configuration.ts'
import { configurationReport } from '../../../src/commands/check-configuration/configuration-report.ts'
import type { Configuration } from '../../../src/config/configuration.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { createScreen } from '../../../src/terminal/screen.ts'
import { configure } from '../../config/read.ts'
import { backupFolder } from '../../support/backup-program.ts'
import { pathWithoutLandlock } from '../../support/stand-in-tools.ts'

const NOW = new Date('2026-11-20T00:00:00Z')

async function run(
  configuration: Configuration,
  json = false,
  tried: Readonly<Record<string, string | undefined>> | null = null,
): Promise<{ readonly text: string; readonly code: number }> {
  let text = ''
  const screen = createScreen({ write: part => (text += part) })
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const context = {
    configuration,
    screen,
    log,
    env: tried ?? {},
    runId: 'run-1',
    clock: { ...systemClock, now: () => NOW },
  }
  const code = await checkConfiguration(context, { access: tried !== null, json }, AbortSignal.timeout(60_000))
  return { text, code }
}

const SAFE = { DATABASE_SSLMODE: 'verify-full' }

describe('-c', () => {
  test('FM38 ends with 0 when there is nothing to mend', async () => {
    const { text, code } = await run(configure({ conf: 'wallet-db/tob', env: SAFE }))

    expect(code).toBe(0)
    expect(text).toMatch(/Problems and warnings:\n {2}none\n$/)
  })

  test('FM38 ends with 10 for a problem, and with 0 for warnings', async () => {
    const problem = await run(configure({ conf: 'wallet-db/tob\nnonsense', env: SAFE }))
    const warning = await run(configure({ conf: 'wallet-db/tob\nmongo=a/b', env: SAFE }))

    expect(problem.code).toBe(10)
    expect(warning.code).toBe(0)
  })

  test('FM38 ends with 10 for a schedule that cannot run', async () => {
    const { text, code } = await run(configure({ conf: 'a/b\n0 0 31 2 * default backup -s\n@daily default backup -l' }))

    expect(code).toBe(10)
    expect(text).toContain('problem: backup.conf:2: a schedule that never comes')
    expect(text).toContain('problem: backup.conf:3: a mode that cannot be scheduled')
  })

  test('shows values with their origin, databases, next runs, and the problems last', async () => {
    const conf = 'wallet-db/tob\nTZ=America/Vancouver\n0 1 * * * default ./backup.sh -s\nnonsense'

    const { text } = await run(
      configure({ conf, env: { WALLET_DB_USER: 'w', WALLET_DB_PASSWORD: 'hunter3', DAILY_BACKUPS: '9' } }),
    )

    expect(text).toMatch(/DAILY_BACKUPS +9 +environment/)
    expect(text).toMatch(/NUM_BACKUPS +31 +default/)
    expect(text).toMatch(/DATABASE_PASSWORD +set +environment/)
    expect(text).toMatch(/PGSSLKEY +not set/)
    expect(text).toMatch(
      /wallet-db\/tob +user w \(WALLET_DB_USER\) +password set \(WALLET_DB_PASSWORD\) +TLS prefer \(default\)/,
    )
    expect(text).toMatch(/0 1 \* \* \* +\.\/backup\.sh -s +next 2026-11-20T01:00:00-07:00 +America\/Vancouver/)
    expect(text.slice(text.indexOf('1 problem, 1 warning:'))).toMatch(
      /problem: backup.conf:4.*warning: WALLET_DB_SSLMODE/s,
    )
  })

  test('FM37 says which database is not tried, and why', async () => {
    const { text, code } = await run(configure({ conf: 'wallet-db/tob', env: { DATABASE_PASSWORD: '' } }))

    expect(code).toBe(10)
    expect(text).toMatch(/wallet-db\/tob +not tried +password not set/)
    expect(text).toContain('problem: WALLET_DB_PASSWORD: neither it nor DATABASE_PASSWORD is set')
  })

  test('FM12 shows no secret, neither as text nor as JSON', async () => {
    const conf = 'wallet-db/tob\nFTP_PASSWORD=hunter4\n@daily default backup -1 -a hunter5\n@daily default backup -1'
    const configuration = configure({ conf, env: { WALLET_DB_PASSWORD_FILE: '/s' }, files: { '/s': 'hunter3' } })

    const printed = [await run(configuration), await run(configuration, true)].map(result => result.text).join()

    expect(printed).toContain('WALLET_DB_PASSWORD')
    expect(printed).not.toMatch(/hunter\d/)
  })

  test('FM14 control characters of a name do not reach the terminal', async () => {
    const { text } = await run(configure({ conf: 'a/%1B%5B2Jx', env: SAFE }))

    expect(text).not.toContain('\u001B')
    expect(text).toContain('a/')
  })

  test('--json holds the same facts', async () => {
    const configuration = configure({ conf: 'wallet-db/tob\n@daily default backup -1', env: SAFE })

    const { text } = await run(configuration, true)

    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(configurationReport(configuration, NOW))))
    expect(JSON.parse(text)).toMatchObject({
      databasesFrom: 'backup.conf',
      databases: [{ host: 'wallet-db', port: 5432, database: 'tob', user: 'reader', sslMode: 'verify-full' }],
      schedules: [{ schedule: '@daily', command: 'backup -1', timeZone: 'UTC', next: '2026-11-21T00:00:00+00:00' }],
      problems: [],
    })
  })
})

describe('-c --check', () => {
  test('FM117 says that scratch servers are not confined, and how to close that', async () => {
    using folder = backupFolder()
    const env = { PATH: pathWithoutLandlock(folder) }

    const { text } = await run(configure({ conf: '' }), false, env)
    const json = JSON.parse((await run(configure({ conf: '' }), true, env)).text) as { readonly confinement: object }

    expect(text).toMatch(
      /\n\nScratch server:\n {2}confinement: open \(setpriv knows no Landlock; .*\)\n {4}code of an archive .*: prove in a deployment of its own without any secret but the volume, or with an image and a kernel that have Landlock/,
    )
    expect(json.confinement).toEqual({
      state: 'open',
      text: expect.stringContaining('confinement: open'),
      hint: expect.stringContaining('without any secret but the volume'),
    })
  })

  test('FM117 says so where it cannot be tried, and why', async () => {
    const { text } = await run(configure({ conf: '' }), false, { PATH: '/nowhere' })

    expect(text).toMatch(/confinement: (open|not known) \(.*setpriv is not installed/)
  })
})
