import type { Contestant } from './compare.ts'
import { clientEnvironment } from './server.ts'
import type { Place } from './suite.ts'

/** Reading the databases, one after the other, and nothing else: what no backup can be faster than. */
export function limit(place: Place, databases: readonly string[]): Contestant {
  const script = 'for database in "$@"; do pg_dump "$database" >/dev/null; done'
  return { ...shell(place, 'pg_dump > /dev/null', script, databases), output: null }
}

/** What an administrator writes by hand. */
export function pipedThroughGzip(place: Place, database: string): Contestant {
  return shell(place, 'pg_dump | gzip > file', `pg_dump "$1" | gzip >"$OUTPUT/$1.sql.gz"`, [database])
}

/** The same with the fast compressor: what our own process adds is the difference to this one. */
export function pipedThroughIgzip(place: Place, database: string): Contestant {
  return shell(place, 'pg_dump | igzip > file', `pg_dump "$1" | igzip -1 -c >"$OUTPUT/$1.sql.gz"`, [database])
}

/** The original's way: for one database after the other a check, both dumps as plain files, then both compressed. */
export function originalWay(place: Place, databases: readonly string[]): Contestant {
  const script = `
    for database in "$@"; do
      psql --quiet --dbname="$database" --command='SELECT 1' >/dev/null
      pg_dump --format=plain "$database" >"$OUTPUT/backup.sql"
      pg_dumpall --roles-only --no-role-passwords >"$OUTPUT/roles.sql"
      cat "$OUTPUT/roles.sql" "$OUTPUT/backup.sql" | gzip >"$OUTPUT/$database.sql.gz"
      rm "$OUTPUT/roles.sql" "$OUTPUT/backup.sql"
    done`
  return shell(place, "the original's way", script, databases)
}

/** How the original finds what to prune: all files of a tier, once for each database. */
export function findAndSort(
  place: Place,
  options: { readonly volume: string; readonly stems: readonly string[] },
): Contestant {
  const script = `
    for stem in "$@"; do
      for tier in daily weekly monthly; do
        find "$VOLUME/$tier" -type f -printf '%T@ %p\\n' | grep --fixed-strings "$stem" | sort --reverse >/dev/null
      done
    done`
  const contestant = shell(place, 'find | sort per database and tier', script, options.stems)
  const env = { ...contestant.command.env, VOLUME: options.volume }
  return { ...contestant, output: null, command: { ...contestant.command, env } }
}

function shell(place: Place, label: string, ...[script, args]: [string, readonly string[]]): Contestant {
  return {
    label,
    ours: false,
    output: place.output,
    command: {
      argv: ['bash', '-c', `set -euo pipefail; ${script}`, 'bench', ...args],
      env: { ...clientEnvironment(place.server), OUTPUT: place.output },
      folder: place.folder,
    },
  }
}
