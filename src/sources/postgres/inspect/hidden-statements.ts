import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { ClientTools } from '../client-tools/client-tools.ts'
import { type CopyOutOptions, type CopyOutSession, openCopyOut } from '../round-trip/copy-out.ts'

type Row = readonly (string | null)[]

/**
 * What pg_dump writes for superusers only, as it would write it: subscriptions, and user mappings with their options. It
 * reads both through what others may not see, while the catalog itself can be read by everybody who may read all. Text in
 * the encoding of the options. An option of a subscription that only a later major has is left out.
 */
export async function hiddenStatements(
  target: DatabaseTarget,
  options: CopyOutOptions & { readonly tools: ClientTools },
  signal: AbortSignal,
): Promise<Buffer> {
  await using session = await openCopyOut(target, options, signal)
  const [version] = await session.values("SELECT pg_catalog.current_setting('server_version_num')")
  const majors = { server: Math.floor(Number(version?.[0]) / 10_000), tool: options.tools.major }
  const statements = [...(await userMappings(session)), ...(await subscriptions(session, majors))]
  return Buffer.from(statements.map(statement => `${statement};\n`).join(''), 'latin1')
}

/** Of servers that are not an extension's (1417 is pg_foreign_server), whose mappings pg_dump leaves out. */
const MAPPINGS = `
SELECT m.oid, CASE m.umuser WHEN '0' THEN 'public' ELSE pg_catalog.quote_ident(r.rolname) END, pg_catalog.quote_ident(s.srvname)
FROM pg_catalog.pg_user_mapping m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.umserver
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = m.umuser
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = '1417' AND d.objid = s.oid AND d.deptype = 'e')`

const MAPPING_OPTIONS = `
SELECT m.oid, pg_catalog.quote_ident(o.option_name), pg_catalog.quote_literal(o.option_value)
FROM pg_catalog.pg_user_mapping m, pg_catalog.pg_options_to_table(m.umoptions) o ORDER BY m.oid, o.option_name`

async function userMappings(session: CopyOutSession): Promise<readonly string[]> {
  const options = Map.groupBy(await session.values(MAPPING_OPTIONS), ([oid]) => oid)
  return (await session.values(MAPPINGS)).map(([oid, user, server]) => {
    const own = (options.get(oid ?? '') ?? []).map(([, name, value]) => `${name} ${value}`)
    const list = own.length === 0 ? '' : ` OPTIONS (\n    ${own.join(',\n    ')}\n)`
    return `CREATE USER MAPPING FOR ${user} SERVER ${server}${list}`
  })
}

const OURS = 's.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())'

const PUBLICATIONS = `
SELECT s.oid, pg_catalog.quote_ident(p.name)
FROM pg_catalog.pg_subscription s, pg_catalog.unnest(s.subpublications) WITH ORDINALITY p(name, place)
WHERE ${OURS} ORDER BY s.oid, p.place`

/** Columns of pg_subscription in the order in which pg_dump writes their options, and what it writes for a value. */
const OPTIONS: readonly {
  readonly column: string
  readonly since: number
  write(value: string, toolMajor: number): string | null
}[] = [
  { column: 's.subbinary', since: 14, write: value => (value === 't' ? 'binary = true' : null) },
  { column: 's.substream', since: 14, write: streaming },
  { column: 's.subtwophasestate', since: 15, write: value => (value === 'd' ? null : 'two_phase = on') },
  { column: 's.subdisableonerr', since: 15, write: value => (value === 't' ? 'disable_on_error = true' : null) },
  { column: 's.subpasswordrequired', since: 16, write: value => (value === 't' ? null : 'password_required = false') },
  { column: 's.subrunasowner', since: 16, write: value => (value === 't' ? 'run_as_owner = true' : null) },
  { column: 's.subfailover', since: 17, write: value => (value === 't' ? 'failover = true' : null) },
  {
    column: 'pg_catalog.quote_ident(s.subsynccommit)',
    since: 10,
    write: value => (value === 'off' ? null : `synchronous_commit = ${value}`),
  },
  { column: 's.suborigin', since: 16, write: value => (value.toLowerCase() === 'any' ? null : `origin = ${value}`) },
]

/** From 18 on parallel is the default, so that pg_dump says what is not. */
function streaming(value: string, toolMajor: number): string | null {
  if (value === 'p') return 'streaming = parallel'
  if (value === 't') return 'streaming = on'
  return toolMajor >= 18 ? 'streaming = off' : null
}

async function subscriptions(
  session: CopyOutSession,
  majors: { readonly server: number; readonly tool: number },
): Promise<readonly string[]> {
  const known = OPTIONS.filter(({ since }) => since <= majors.server)
  const rows = await session.values(`
SELECT s.oid, pg_catalog.quote_ident(s.subname), pg_catalog.quote_ident(r.rolname), s.subconninfo, s.subslotname,
  pg_catalog.obj_description(s.oid, 'pg_subscription'), ${known.map(({ column }) => column).join(', ')}
FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_roles r ON r.oid = s.subowner WHERE ${OURS}`)
  if (rows.length === 0) return []
  const publications = Map.groupBy(await session.values(PUBLICATIONS), ([oid]) => oid)
  return rows.flatMap(row => {
    const [oid, , , , , , ...values] = row
    const names = (publications.get(oid ?? '') ?? []).map(([, name]) => name)
    const options = known.flatMap(({ write }, index) => write(values[index] ?? '', majors.tool) ?? [])
    return ofSubscription(row, names.join(', '), options)
  })
}

function ofSubscription(
  [, name, owner, connection, slot, comment]: Row,
  publications: string,
  options: readonly string[],
): readonly string[] {
  const all = ['connect = false', `slot_name = ${literal(slot) ?? 'NONE'}`, ...options]
  return [
    `CREATE SUBSCRIPTION ${name} CONNECTION ${literal(connection)} PUBLICATION ${publications} WITH (${all.join(', ')})`,
    `ALTER SUBSCRIPTION ${name} OWNER TO ${owner}`,
    ...(comment === null || comment === undefined ? [] : [`COMMENT ON SUBSCRIPTION ${name} IS ${literal(comment)}`]),
  ]
}

/** As pg_dump writes one where `standard_conforming_strings` is on. */
function literal(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : `'${text.replaceAll("'", "''")}'`
}
