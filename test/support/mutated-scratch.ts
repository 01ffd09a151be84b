import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { manifestBeside } from './archives.ts'
import type { proofFolder } from './corpus.ts'
import type { PostgresServer } from './postgres-server.ts'
import { pathWithPgDump } from './stand-in-tools.ts'

/** The name of the database whose proof meets the mutation with this index. */
export function mutatedName(index: number): string {
  return `mutated${index}`
}

/**
 * Copies of an archive under the names of as many databases as there are mutations, and a PATH whose pg_dump first
 * changes what was loaded: it runs the mutation of that database as the superuser of the scratch server, once, right
 * before that is dumped back. Where the data is to be dumped early it refuses, so that all of it is dumped at the end.
 */
export function withMutations(
  server: PostgresServer,
  folder: ReturnType<typeof proofFolder>,
  given: { readonly archive: string; readonly mutations: readonly { readonly sql: string }[] },
): { readonly PATH: string } {
  const sql = join(folder.path, 'mutations')
  mkdirSync(sql)
  chmodSync(sql, 0o777)
  const specs = given.mutations.map((mutation, index) => {
    writeFileSync(join(sql, `127.0.0.1-${mutatedName(index)}`), mutation.sql)
    copyUnder(given.archive, mutatedName(index))
    return `127.0.0.1:${server.port}/${mutatedName(index)}`
  })
  folder.writeConf(specs.join('\n'))
  const script = `case "$*" in *--section*) exit 1;; esac
stem=\${PGAPPNAME##* }
if mv "${sql}/$stem" "${sql}/$stem.now" 2>/dev/null; then
  ${becomeScratchSuperuser(server, folder)}
  PGUSER=$SUPERUSER ${server.binFolder}/psql -X -q -w -o /dev/null -v ON_ERROR_STOP=1 -f "${sql}/$stem.now" || exit 1
fi
exec $REAL "$@"`
  return { PATH: pathWithPgDump(folder, server, script) }
}

/**
 * Shell for a stand-in of a tool of the scratch server, which gets no superuser's password: lets everybody in as the
 * superuser, whose name is in \`$SUPERUSER\` then.
 */
function becomeScratchSuperuser(server: PostgresServer, folder: ReturnType<typeof proofFolder>): string {
  const psql = `${server.binFolder}/psql -X -A -t -w`
  return `DATA=$(echo ${folder.scratch}/*/data)
  SUPERUSER=$(${psql} -c 'SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10') || exit 1
  printf 'local all %s trust\\nlocal all all scram-sha-256\\n' "$SUPERUSER" >"$DATA/pg_hba.conf"
  kill -HUP "$(head -n 1 "$DATA/postmaster.pid")"
  until PGUSER=$SUPERUSER PGPASSWORD= ${psql} -c 'SELECT 1' >/dev/null 2>&1; do sleep 0.02; done`
}

/** The same archive of a database of another name. */
function copyUnder(archive: string, database: string): void {
  const manifest = manifestBeside(archive)
  const name = basename(archive).replace(/-[^_]*_/, `-${database}_`)
  const copy = join(dirname(archive), name)
  copyFileSync(archive, copy)
  const changed = { ...manifest, archive: name, database: { ...manifest.database, name: database } }
  writeFileSync(`${copy}.json`, JSON.stringify(changed))
}
