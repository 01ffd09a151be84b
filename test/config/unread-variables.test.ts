import { describe, expect, test } from 'vitest'
import { configure } from './read.ts'

const CONF = 'wallet-db/tob\nforms-db:5433/chefs\nmssql=formsdb/app\n10.0.0.7/reports\npg1/one'

function warned(env: Readonly<Record<string, string>>): readonly (readonly [string, string | undefined])[] {
  const { problems } = configure({ conf: CONF, env })
  expect(problems.filter(({ severity }) => severity === 'problem')).toEqual([])
  return problems.filter(({ text }) => text.startsWith('nothing reads')).map(({ place, hint }) => [place, hint])
}

describe('a variable that is set and means nothing', () => {
  test.each([
    ['WEEKLY_BACKUP', 'WEEKLY_BACKUPS'],
    ['DAILY_BAKCUPS', 'DAILY_BACKUPS'],
    ['backup_dir', 'BACKUP_DIR'],
    ['WEB_HOOK_URL', 'WEBHOOK_URL'],
    ['FTP_URI', 'FTP_URL'],
    ['S3_REGIO', 'S3_REGION'],
    ['POSTGRES_DATABASE', 'POSTGRESQL_DATABASE'],
    ['DATABASE_USER_FILE', 'DATABASE_USER'],
    ['WALLETDB_PASSWORD', 'WALLET_DB_PASSWORD'],
    ['WALLETDB_PASSWORD_FILE', 'WALLET_DB_PASSWORD_FILE'],
    ['REPORTS_PASSWORD_FILE', '_10_0_0_7_PASSWORD'],
    ['WALET_DB_USER', 'WALLET_DB_USER'],
    ['FROMS_DB_ADMIN_PASSWORD', 'FORMS_DB_ADMIN_PASSWORD'],
    ['WALLET_DB_PASSWD', 'WALLET_DB_PASSWORD'],
    ['TOB_PASSWORD', 'WALLET_DB_PASSWORD'],
    ['TOB_USER', 'WALLET_DB_USER'],
    ['WALLET_DB_TOB_PASSWORD', 'WALLET_DB_PASSWORD'],
  ])('FM141 %s is warned of without its value, and %s asked for', (name, meant) => {
    expect(warned({ [name]: 'hunter3' })).toEqual([[name, `did you mean ${meant}?`]])
    expect(JSON.stringify(configure({ conf: CONF, env: { [name]: 'hunter3' } }))).not.toContain('hunter3')
  })

  test('FM141 what means every host with other settings does not with this one', () => {
    const [warning] = warned({ DATABASE_ADMIN_USER: 'root' })

    expect(warning?.[1]).toBe('did you mean WALLET_DB_ADMIN_USER, FORMS_DB_ADMIN_USER or _10_0_0_7_ADMIN_USER?')
  })

  test('FM141 an empty one is not set', () => {
    expect(warned({ WEEKLY_BACKUP: '' })).toEqual([])
  })
})

test("FM141 what a pod has in its environment anyway is nobody's mistake", () => {
  const names = `
    PATH HOME HOSTNAME PWD SHLVL TERM LANG LC_ALL USER container TZDIR OLDPWD _
    KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS KUBERNETES_PORT
    KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_PROTO KUBERNETES_PORT_443_TCP_PORT KUBERNETES_PORT_443_TCP_ADDR
    WALLET_DB_SERVICE_HOST WALLET_DB_SERVICE_PORT WALLET_DB_SERVICE_PORT_POSTGRESQL WALLET_DB_PORT
    WALLET_DB_PORT_5432_TCP WALLET_DB_PORT_5432_TCP_ADDR WALLET_DB_PORT_5432_TCP_PROTO
    WALLETDB_SERVICE_HOST WALLETDB_PORT WALLETDB_PORT_5432_TCP FTP_PORT FTP_SERVICE_HOST HTTPS_PORT S3_PORT
    http_proxy https_proxy no_proxy ftp_proxy FTP_PROXY ALL_PROXY
    PGHOST PGUSER PGPASSWORD PGSSLCRL PGSSLSNI PGPASSFILE PGTZ PGCONNECT_TIMEOUT PGTARGETSESSIONATTRS
    NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_COMPILE_CACHE SSL_CERT_FILE npm_config_cache LD_LIBRARY_PATH
    POD_NAME POD_NAMESPACE NAMESPACE_NAME IMAGE_NAME APP_NAME BACKUP_IMAGE_NAME BACKUP_VOLUME_NAME
    DATABASE_URL DATABASE_HOST MSSQL_SA_PASSWORD MONGODB_AUTHENTICATION_DATABASE WEBHOOK_URL_HOST FTP_URL_HOST
    DB_USER DB_PASSWORD APP_USER APP_PASSWORD SMTP_USER SMTP_PASSWORD GIT_USER ADMIN_PASSWORD API_URL
    FORMSDB_USER FORMSDB_PASSWORD PG2_USER PG2_PASSWORD OTHER_DB_PASSWORD
  `.split(/\s+/)

  expect(warned(Object.fromEntries(names.filter(name => name !== '').map(name => [name, 'x'])))).toEqual([])
})

test('FM141 every setting, of every configured host, is read', () => {
  const env = Object.fromEntries(configure({ conf: CONF }).origins.map(({ name }) => [name, '']))
  const own = { WALLET_DB_USER: 'a', WALLET_DB_PASSWORD_FILE: '/s', _10_0_0_7_SSLMODE: 'require', TABLE_SCHEMA: 'x' }

  const { problems } = configure({
    conf: CONF,
    env: { ...env, DATABASE_USER: 'a', DATABASE_PASSWORD: 'b', ...own },
    files: { '/s': 'x' },
  })

  expect(problems.filter(({ text }) => text.startsWith('nothing reads'))).toEqual([])
})
