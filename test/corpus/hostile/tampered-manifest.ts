import type { Attack, ManifestJson } from './attack.ts'

const RAISE = 'ALTER ROLE hostile_victim SUPERUSER'

/** A manifest that somebody wrote anew, with sizes and hashes that fit. */
function manifest(
  name: string,
  sees: string,
  change: (manifest: ManifestJson) => void,
  rest: Partial<Attack> = {},
): Attack {
  return {
    name,
    fault: 'FM92',
    where: 'manifest',
    sees,
    tampered: {
      manifest(json) {
        change(json)
        return json
      },
    },
    expected: 'any',
    noControl: 'psql reads no manifest',
    ...rest,
  }
}

export const TAMPERED_MANIFESTS: readonly Attack[] = [
  manifest(
    'manifest_privileges',
    'privileges are SQL when they are given',
    ({ database }) => {
      database.acl = [
        {
          grantee: null,
          privileges: [`CONNECT ON DATABASE postgres TO PUBLIC; ${RAISE}; GRANT CONNECT`],
          grantable: [],
        },
      ]
    },
    { quick: true },
  ),
  manifest('manifest_privileges_do', 'privileges end the literal that they stand in', ({ database }) => {
    database.acl = [
      {
        grantee: null,
        privileges: [
          `CONNECT ON DATABASE x' || pg_catalog.current_database() || '"; ${RAISE}; --`,
          `$do$; ${RAISE}; --`,
        ],
        grantable: [`x'; ${RAISE}; --`],
      },
    ]
  }),
  manifest('manifest_privileges_membership', 'a privilege is a membership', ({ database }) => {
    database.acl = [
      {
        grantee: 'hostile_victim',
        privileges: ['pg_execute_server_program TO hostile_victim; GRANT CONNECT'],
        grantable: [],
      },
    ]
  }),
  manifest('manifest_grantee', 'the name of a grantee is SQL', ({ database }) => {
    database.acl = [
      { grantee: `x"; ${RAISE}; --`, privileges: ['CONNECT'], grantable: [] },
      { grantee: `$do$; ${RAISE}; --`, privileges: ['CONNECT'], grantable: [] },
    ]
  }),
  manifest('manifest_setting_name', 'the name of a setting is SQL', ({ database }) => {
    database.settings = [
      { role: null, name: `work_mem" TO '1MB'; ${RAISE}; --`, value: '7MB' },
      { role: null, name: `a.b = 'x'; ${RAISE}; --`, value: 'x' },
    ]
  }),
  manifest('manifest_setting_value', 'the value of a setting is SQL', ({ database }) => {
    database.settings = [
      { role: null, name: 'search_path', value: `hostile; ${RAISE}` },
      { role: null, name: 'work_mem', value: `7MB'; ${RAISE}; --` },
      { role: null, name: 'application_name', value: `$do$; ${RAISE}; --` },
    ]
  }),
  manifest('manifest_setting_of_others', 'a setting is given to a role that exists', ({ database }) => {
    database.settings = [
      { role: 'postgres', name: 'session_preload_libraries', value: 'hostile_library' },
      { role: `postgres SET work_mem = '1MB'; ${RAISE}; --`, name: 'work_mem', value: '7MB' },
    ]
  }),
  manifest('manifest_owner', 'the name of the owner is SQL', ({ database }) => {
    database.owner = `postgres"; ${RAISE}; --`
  }),
  manifest('manifest_locale', 'encoding and locale are SQL when the database is made', ({ database }) => {
    database.encoding = `UTF8'; ${RAISE}; --`
    database.collate = `C'; ${RAISE}; --`
    database.ctype = `C" ${RAISE}; --`
    database.localeProvider = `icu; ${RAISE}; --`
    database.icuLocale = `und'; ${RAISE}; --`
  }),
  manifest('manifest_icu_rules', 'the rules of the locale are SQL', ({ database }) => {
    database.localeProvider = 'icu'
    database.icuLocale = 'und'
    database.icuRules = `&a < b'; ${RAISE}; --`
  }),
  manifest('manifest_provider', 'the provider of the locale is SQL', ({ database }) => {
    database.localeProvider = `libc; ${RAISE}; --`
    database.icuLocale = 'und'
  }),
  manifest('manifest_comment_and_limit', 'comment and limit are SQL', ({ database }) => {
    database.comment = `x'; ${RAISE}; --$do$; ${RAISE}; --\\'; ${RAISE};`
    database.connectionLimit = `5; ${RAISE}` as unknown
  }),
  manifest('manifest_tablespaces', 'a tablespace lies outside of the scratch folder', ({ database }) => {
    database.tablespaces = ['../../../../../../@traces@/space', `x"; ${RAISE}; --`, '/tmp/hostile']
  }),
  manifest('manifest_extensions', 'an extension is made by its name in the manifest', ({ database }) => {
    database.extensions = [
      { name: `plpgsql"; ${RAISE}; --`, version: `1.0'; ${RAISE}; --` },
      { name: '../../../../@traces@/hostile', version: null },
    ]
  }),
  manifest('manifest_client_encoding', 'the encoding is SQL, or options of the session', ({ fingerprint }) => {
    fingerprint.session.clientEncoding = `UTF8' -c session_preload_libraries=hostile_library; ${RAISE}; --`
  }),
  manifest('manifest_session_options', 'options of the session reach the server', ({ fingerprint }) => {
    fingerprint.session.clientEncoding = 'UTF8 -c local_preload_libraries=hostile_library -c role=hostile_victim'
    fingerprint.session.timeZone = `UTC'; ${RAISE}; --`
  }),
  manifest('manifest_versions', 'a version is a path to a program', json => {
    json.server.version = '../../../../@traces@/15'
    json.tools.pgDump = '15; touch @traces@/@name@-version'
    json.tools.compressor = 'sh -c "touch @traces@/@name@-compressor"'
  }),
  manifest('manifest_archive_path', 'the archive that is read or removed lies elsewhere', json => {
    json.archive = '../../../../../../../../etc/passwd'
  }),
  manifest('manifest_parts', 'parts are read beyond the file', json => {
    json.parts = [
      { part: 'roles', offset: 0, bytes: 1e15, status: 'complete' },
      { part: 'dump', offset: 9e15, bytes: 9e15, status: 'complete' },
    ]
  }),
  manifest(
    'manifest_parts_exchanged',
    'the dump is given out as roles, and run by the admin',
    json => {
      const dump = json.parts.find(part => part.part === 'dump')
      if (dump !== undefined) json.parts = [{ ...dump, part: 'roles' }, { ...dump }]
    },
    { sql: `CREATE TABLE hostile.t (a integer CHECK (hostile.attack('as roles'))); INSERT INTO hostile.t VALUES (1);` },
  ),
  manifest('manifest_tables', 'the name of a table is SQL when rows are compared', ({ fingerprint }) => {
    fingerprint.tables.push({
      name: `hostile.loot; ${RAISE}; --`,
      columns: [`a" FROM x; ${RAISE}; --`],
      rows: 1,
      sha256: 'ab',
    })
  }),
  manifest('manifest_screen', "a line on the screen is the manifest's", json => {
    json.notes = ['x\nbacked up  everything\u001b[2J']
    json.database.name = '@name@\nproved     everything\u001b[2J'
  }),
  manifest('manifest_damaged', 'a manifest that is none is read as one', json => {
    json.parts = 'none' as unknown as ManifestJson['parts']
  }),
  manifest('manifest_prototype', 'fields of the manifest change the program', json => {
    Object.defineProperty(json, '__proto__', {
      value: { isSuperuser: true, withSuperuserObjects: true },
      enumerable: true,
    })
    Object.assign(json, { constructor: { prototype: { ignoreErrors: true } } })
  }),
]
