import type { Contestant } from './compare.ts'
import { plainEnvironment } from './server.ts'
import type { Place } from './suite.ts'

/**
 * The original's way, for one archive after the other: a new server with PostgreSQL's own settings, the role, the
 * database, the archive into psql, a look whether there is a table; then the server is stopped and removed.
 */
export function newServerEach(place: Place, archives: readonly string[]): Contestant {
  return loading(place, archives, { label: 'a new server, psql', initdb: '', settings: '' })
}

/** The same on a server that is tuned for loading as far as settings can. */
export function tunedServer(place: Place, archives: readonly string[]): Contestant {
  return loading(place, archives, { label: 'a new tuned server, psql', initdb: '--no-sync', settings: TUNED })
}

const TUNED = Object.entries({
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  max_wal_size: '4GB',
  maintenance_work_mem: '128MB',
  jit: 'off',
})
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ')

// The server is a child in the foreground, in the process group that a bench ends as a whole.
const SCRIPT = `
set -euo pipefail
read -ra as_server <<<"$AS_SERVER"
read -ra initdb_options <<<"$INITDB_OPTIONS"
read -ra settings <<<"$SERVER_SETTINGS"
server=
stop() {
  [ -z "$server" ] || { kill -INT "$server" 2>/dev/null || true; wait "$server" || true; }
  rm -rf "$PGHOST/data"
  server=
}
trap stop EXIT
for archive in "$@"; do
  "\${as_server[@]}" initdb --pgdata="$PGHOST/data" --username=postgres --encoding=UTF8 "\${initdb_options[@]}" >/dev/null 2>&1
  "\${as_server[@]}" postgres -D "$PGHOST/data" -c listen_addresses= -c unix_socket_directories="$PGHOST" "\${settings[@]}" 2>"$PGHOST/log" &
  server=$!
  until pg_isready --quiet; do
    kill -0 "$server" || { cat "$PGHOST/log"; exit 1; }
    sleep 0.02
  done
  psql -X --quiet --dbname=postgres --command='CREATE ROLE app LOGIN' --command='CREATE DATABASE proof OWNER app'
  gunzip -c "$archive" | psql -X --quiet --set=ON_ERROR_STOP=1 --dbname=proof >/dev/null
  psql -X --tuples-only --dbname=proof --command="SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'" | grep -q .
  stop
done`

interface Way {
  readonly label: string
  readonly initdb: string
  readonly settings: string
}

function loading(place: Place, archives: readonly string[], { label, initdb, settings }: Way): Contestant {
  const { owner } = place.server
  const user = owner === null ? '' : `setpriv --reuid=${owner.uid} --regid=${owner.gid} --clear-groups`
  return {
    label,
    ours: false,
    output: null,
    command: {
      argv: ['bash', '-c', SCRIPT, 'bench', ...archives],
      env: {
        ...plainEnvironment(place.server),
        PGHOST: place.output,
        PGUSER: 'postgres',
        AS_SERVER: user,
        INITDB_OPTIONS: initdb,
        SERVER_SETTINGS: settings,
      },
      folder: place.folder,
    },
  }
}
