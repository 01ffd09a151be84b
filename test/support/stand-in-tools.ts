import type { BackupFolder } from './backup-program.ts'
import type { PostgresServer } from './postgres-server.ts'

/**
 * A PATH with a `pg_dump` of our own before everything else. It calls itself the newest minor version of the server's
 * major, so that it is chosen; `script` is what it does instead of dumping, with the real one in `$REAL`.
 */
export function pathWithPgDump(folder: BackupFolder, server: PostgresServer, script: string): string {
  const { majorVersion: major, binFolder } = server
  const version = `case "$1" in --version) echo "pg_dump (PostgreSQL) ${major}.99"; exit 0;; esac`
  folder.writeTool('pg_dumpall', `exec ${binFolder}/pg_dumpall "$@"`)
  const bin = folder.writeTool('pg_dump', `${version}\nREAL=${binFolder}/pg_dump\n${script}`)
  return `${bin}:${process.env.PATH}`
}

/** A PATH whose `setpriv` knows no Landlock, as before util-linux 2.41, or finds a kernel that offers none. */
export function pathWithoutLandlock(
  folder: Pick<BackupFolder, 'writeTool'>,
  lacks: 'tool' | 'kernel' = 'tool',
): string {
  const says =
    lacks === 'tool'
      ? `echo "setpriv: unrecognized option '$each'" >&2; exit 1`
      : `echo 'setpriv: landlock_create_ruleset failed: Function not implemented' >&2; exit 127`
  const bin = folder.writeTool(
    'setpriv',
    `for each; do case $each in --) break;; --landlock*) ${says};; esac; done\nPATH=\${PATH#*:} exec setpriv "$@"`,
  )
  return `${bin}:${process.env.PATH}`
}
