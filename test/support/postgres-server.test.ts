import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startPostgres } from './postgres-server.ts'

describe('the PostgreSQL of the tests', () => {
  test('starts with SCRAM passwords, survives a crash and leaves nothing behind', async () => {
    await using server = await startPostgres({ settings: { work_mem: '7MB' } })
    const password = await server.createRole("o'dd role")
    await server.createDatabase('Shop "1"', { owner: "o'dd role" })

    const setting = await server.sql('postgres', 'SHOW work_mem')
    const rows = await server.query('Shop "1"', 'SELECT current_user::text AS me', { name: "o'dd role", password })
    const refused = server.query('postgres', 'SELECT 1', { name: "o'dd role", password: 'wrong' })
    await expect(refused).rejects.toThrow('password authentication failed')
    await server.crash()
    await server.restart()
    const again = await server.sql('postgres', 'SELECT 1')
    await server.stop()

    expect(setting).toBe('7MB')
    expect(rows).toEqual([{ me: "o'dd role" }])
    expect(again).toBe('1')
    expect(existsSync(server.folder)).toBe(false)
  })
})
