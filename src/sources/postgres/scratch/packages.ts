/** Extensions that come with the server's own package on Debian, or with `postgresql-contrib` (PostgreSQL manual, appendix F). */
const CONTRIB = new Set(
  `adminpack amcheck autoinc basebackup_to_shell bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn
earthdistance file_fdw fuzzystrmatch hstore insert_username intagg intarray isn lo ltree moddatetime old_snapshot
pageinspect pg_buffercache pg_freespacemap pg_logicalinspect pg_overexplain pg_prewarm pg_stat_statements pg_surgery
pg_trgm pg_visibility pg_walinspect pgcrypto pgrowlocks pgstattuple postgres_fdw refint seg sslinfo tablefunc tcn
tsm_system_rows tsm_system_time unaccent uuid-ossp xml2`.split(/\s+/),
)

/** Names of Debian and PGDG packages that don't follow from the extension's; `#` stands for the major. */
const PACKAGES: Readonly<Record<string, string>> = {
  hll: 'postgresql-#-hll',
  pg_cron: 'postgresql-#-cron',
  pg_partman: 'postgresql-#-partman',
  pg_repack: 'postgresql-#-repack',
  pgrouting: 'postgresql-#-pgrouting',
  plperl: 'postgresql-plperl-#',
  plperlu: 'postgresql-plperl-#',
  plpython3u: 'postgresql-plpython3-#',
  pltcl: 'postgresql-pltcl-#',
  pltclu: 'postgresql-pltcl-#',
  timescaledb: 'timescaledb-2-postgresql-# (from its maker)',
  vector: 'postgresql-#-pgvector',
}

/** The Debian package that probably brings an extension or a language to a server of this major. */
export function packageOf(extension: string, major: number): string {
  if (CONTRIB.has(extension)) return `postgresql-contrib (on Debian a part of postgresql-${major})`
  const known = PACKAGES[extension]
  if (known !== undefined) return known.replace('#', String(major))
  if (extension.startsWith('postgis') || extension === 'address_standardizer') return `postgresql-${major}-postgis-3`
  const transform = /_(plperlu?|plpython3u)$/.exec(extension)?.[1]
  if (transform !== undefined) return packageOf(transform, major)
  return `postgresql-${major}-${extension.toLowerCase().replaceAll('_', '-')}`
}
