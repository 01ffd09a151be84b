import { describe, expect, test } from 'vitest'
import { adminAccess, adminSecrets } from '../../src/config/admin-access.ts'

function access(host: string, env: Record<string, string>, files: Record<string, string> = {}) {
  const readSecretFile = (path: string): string => {
    if (files[path] === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return files[path]
  }
  const found = adminAccess(host, { env, readSecretFile })
  return { ...found, password: found.password?.reveal() ?? null }
}

describe('the admin of a host', () => {
  test('is postgres, with the password for every host, unless the host has its own', () => {
    const env = { DATABASE_ADMIN_PASSWORD: 'common' }
    const own = { ...env, WALLET_DB_ADMIN_USER: 'chief', WALLET_DB_ADMIN_PASSWORD: 'own' }

    expect(access('wallet-db', env)).toMatchObject({
      user: 'postgres',
      password: 'common',
      passwordFrom: 'DATABASE_ADMIN_PASSWORD',
    })
    expect(access('wallet-db', own)).toMatchObject({
      user: 'chief',
      password: 'own',
      passwordFrom: 'WALLET_DB_ADMIN_PASSWORD',
    })
    expect(access('other-db', own)).toMatchObject({ user: 'postgres', password: 'common' })
  })

  test('may have the password in a file', () => {
    const env = { WALLET_DB_ADMIN_PASSWORD_FILE: '/run/secret', DATABASE_ADMIN_PASSWORD: 'common' }

    expect(access('wallet-db', env, { '/run/secret': 'from file\n' })).toMatchObject({
      password: 'from file',
      passwordFrom: 'WALLET_DB_ADMIN_PASSWORD_FILE',
    })
  })

  test('FM37 a file that cannot be read never falls back to another password', () => {
    const found = access('wallet-db', { WALLET_DB_ADMIN_PASSWORD_FILE: '/gone', DATABASE_ADMIN_PASSWORD: 'common' })

    expect(found.password).toBeNull()
    expect(found.problems).toHaveLength(1)
  })

  test('without any password a person can be asked', () => {
    expect(access('wallet-db', {})).toMatchObject({ password: null, passwordFrom: null, problems: [] })
  })

  test('FM12 its passwords are known as secrets', () => {
    expect(
      adminSecrets({ A_ADMIN_PASSWORD: 'x', DATABASE_ADMIN_PASSWORD: 'y', B_ADMIN_PASSWORD: '', A_ADMIN_USER: 'z' }),
    ).toEqual(['x', 'y'])
  })
})
