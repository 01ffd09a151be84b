import { chmodSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { confinementText, findConfinement } from '../../../../src/sources/postgres/scratch/confinement.ts'
import { LANDLOCK_LEVELS, landlockFlags, type Reach } from '../../../../src/sources/postgres/scratch/landlock.ts'
import { findServerUser } from '../../../../src/sources/postgres/scratch/server-user.ts'
import { type BackupFolder, backupFolder } from '../../../support/backup-program.ts'
import { scratchInput } from '../../../support/scratch.ts'
import { pathWithoutLandlock } from '../../../support/stand-in-tools.ts'

const patience = (): AbortSignal => AbortSignal.timeout(60_000)

let folder: BackupFolder
beforeEach(() => {
  folder = backupFolder()
  // The server's user starts the tools in it.
  chmodSync(folder.path, 0o711)
})
afterEach(() => folder[Symbol.dispose]())

/** What is found with another PATH. */
async function found(path: string) {
  const { binaries } = await scratchInput(folder.path)
  const env = { PATH: path }
  const user = await findServerUser(env, patience())
  return await findConfinement({ binaries, user, env, place: null }, patience())
}

/** A `setpriv` for which Landlock exists: `script` sees its flags, and the real one gets all others. */
function pathWithSetpriv(script: string): string {
  const bin = folder.writeTool(
    'setpriv',
    `${script}
for each; do shift; case $each in --landlock*) ;; *) set -- "$@" "$each";; esac; done
PATH=\${PATH#*:} exec setpriv "$@"`,
  )
  return `${bin}:${process.env.PATH}`
}

const REFUSES_ITSELF = 'case "$*" in *--landlock*"setpriv --version") echo "failed to execute" >&2; exit 126;; esac'

describe('how a scratch server would be confined is tried', () => {
  test('FM117 with a setpriv that knows no Landlock: open', async () => {
    const confinement = await found(pathWithoutLandlock(folder, 'tool'))

    expect(confinement).toMatchObject({ by: null, flags: [] })
    expect(confinementText(confinement)).toBe(
      'confinement: open (setpriv knows no Landlock; that of util-linux 2.41 does)',
    )
  })

  test('FM117 with a kernel that offers none: open', async () => {
    const confinement = await found(pathWithoutLandlock(folder, 'kernel'))

    expect(confinementText(confinement)).toBe('confinement: open (this kernel offers no Landlock)')
  })

  test('FM117 where the rules are taken and not kept: open', async () => {
    const confinement = await found(pathWithSetpriv(''))

    expect(confinementText(confinement)).toBe(
      'confinement: open (this kernel takes the rules of Landlock and was not seen to keep them)',
    )
  })

  test('FM117 where the server cannot run under the rules: open', async () => {
    const confinement = await found(
      pathWithSetpriv('echo "postgres: error while loading shared libraries" >&2; exit 127'),
    )

    expect(confinementText(confinement)).toBe('confinement: open (the server does not run under Landlock here)')
  })

  test('where the rules are kept: files and processes', async () => {
    const confinement = await found(pathWithSetpriv(REFUSES_ITSELF))

    expect(confinementText(confinement)).toBe('confinement: files and processes (Landlock)')
    expect(confinement.flags).toContain('--landlock-rule=path-beneath:read-file,write-file:/dev/null')
  })

  test('where the kernel does not know all rights: what is left open is said', async () => {
    const old = `case "$*" in *truncate*) echo "setpriv: landlock_create_ruleset failed: Invalid argument" >&2; exit 127;; esac`

    const confinement = await found(pathWithSetpriv(`${old}\n${REFUSES_ITSELF}`))

    expect(confinementText(confinement)).toBe(
      'confinement: files and processes (Landlock; this kernel is older than 6.2: files outside can still be cut short)',
    )
    expect(confinement.flags.join()).not.toContain('truncate')
  })
})

const NOTHING: Reach = { programs: [], libraries: [], folders: [], files: [], sinks: [], data: [], sockets: [] }

describe('the flags of setpriv', () => {
  test('let nobody run what lies in the data folder or among the sockets, nor make devices', () => {
    for (const level of LANDLOCK_LEVELS) {
      const [, ...rules] = landlockFlags(level, { ...NOTHING, data: ['/scratch/data'], sockets: ['/tmp/sockets'] })

      expect(rules).toHaveLength(2)
      expect(rules.join()).not.toMatch(/execute|make-char|make-block|make-fifo/)
    }
  })

  test('ask in no rule for a right that the level does not have: the kernel would refuse it', () => {
    const reach = Object.fromEntries(Object.keys(NOTHING).map(key => [key, [`/${key}`]])) as unknown as Reach
    for (const level of LANDLOCK_LEVELS) {
      const [, ...rules] = landlockFlags(level, reach)

      const asked = rules.flatMap(rule => rule.split(':')[1]?.split(',') ?? [])
      expect(asked.filter(right => !level.rights.includes(right))).toEqual([])
      expect(rules).toHaveLength(7)
    }
  })
})
