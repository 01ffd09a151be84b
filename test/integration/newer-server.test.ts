import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseServerBinaries } from '../../src/sources/postgres/scratch/server-binaries.ts'
import { backupEnvironment } from '../support/archives.ts'
import { backupFolder, runBackup } from '../support/backup-program.ts'
import { startEmbedded } from '../support/embedded-postgres.ts'
import { operatorError } from '../support/failure.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { filesOf } from '../support/volume.ts'

let servers: readonly PostgresServer[] = []

beforeAll(async () => {
  servers = await Promise.all([startEmbedded(17), startEmbedded(18)])
})

afterAll(() => Promise.all(servers.map(server => server.stop())))

describe('FM06 a server newer than the client tools', () => {
  test('backup -1 says what is installed, what is expected and what to install, and leaves nothing', async () => {
    for (const server of servers) {
      await server.createDatabase('shop')
      using folder = backupFolder(`127.0.0.1:${server.port}/shop`)

      const env = backupEnvironment(server, folder, { name: server.superuser, password: server.password })
      const result = await runBackup(['-1'], { conf: folder.conf, env })

      const major = server.majorVersion
      expect(result.code).toBe(1)
      expect(result.stdout).toMatch(new RegExp(`pg_dump: [\\d., ]+ installed; expected version ${major} or newer`))
      expect(result.stdout).toContain(`install postgresql-client-${major}`)
      expect(filesOf(folder.volume)).toEqual([])
    }
  })

  test('no server of that major to load into is said likewise', async () => {
    const installed = { version: '15.18', major: 15, initdb: '/x/initdb', postgres: '/x/postgres' }
    const newer = { ...installed, version: '18.4', major: 18 }

    const none = await operatorError((async () => chooseServerBinaries([], 16))())
    const older = await operatorError((async () => chooseServerBinaries([installed], 16))())
    const chosen = chooseServerBinaries([newer, { ...installed, version: '15.9' }, installed], 15)
    const next = chooseServerBinaries([newer, installed], 16)

    expect(none.message).toBe(
      'PostgreSQL server: none installed; expected version 16 or newer to load the archive into',
    )
    expect(older.message).toContain('15.18 installed')
    expect(older.hint).toBe('install postgresql-16')
    expect([chosen.version, next.version]).toEqual(['15.18', '18.4'])
  })
})
