import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { preloadFor } from '../../../../src/sources/postgres/scratch/preload.ts'
import { serverSettings } from '../../../../src/sources/postgres/scratch/server-settings.ts'

/** A server's folders, with these libraries in them. */
function serverWith(...libraries: readonly string[]): { readonly postgres: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'libraries-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['bin', 'lib']) mkdirSync(path.join(folder, name))
  for (const name of ['plpgsql', ...libraries]) writeFileSync(path.join(folder, 'lib', `${name}.so`), '')
  return { postgres: path.join(folder, 'bin/postgres') }
}

test('FM175 what an extension needs is preloaded where the library is there, and nothing else is', async () => {
  const server = serverWith('pg_cron', 'pgaudit')

  expect(await preloadFor(['plpgsql', 'pgaudit', 'pg_cron', 'timescaledb', 'hstore'], server)).toEqual([
    'pg_cron',
    'pgaudit',
  ])
  expect(await preloadFor(['pg_cron'], { postgres: '/nowhere/bin/postgres' })).toEqual([])
})

test.each(['evil', '../lib/evil', "pg_cron','evil", '$libdir/evil', '__proto__', 'constructor', 'toString', ''])(
  'FM175 attack: a name from an archive gets into no setting: %s',
  async name => {
    const server = serverWith('evil', 'toString', 'constructor')

    expect(await preloadFor([name], server)).toEqual([])
  },
)

test('FM176 a scratch server that preloads anything starts none of its workers, so that no job of an archive runs', () => {
  const input = { major: 17, socketFolder: '/x' }

  expect(serverSettings({ ...input, preload: ['pg_cron', 'timescaledb'] })).toMatch(/^max_worker_processes = '0'$/m)
  expect(serverSettings(input)).not.toMatch(/preload|max_worker_processes/)
})
