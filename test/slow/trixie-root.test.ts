import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allProcesses, descendantsOf } from '../support/processes.ts'
import { ARBITRARY_UID, startInTrixie } from '../support/trixie-root.ts'
import { untilTrue } from '../support/until-true.ts'

const mountsOfRoot = (): readonly string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter(line => line.includes('/.cache/trixie/'))

test('in the trixie root a command is an arbitrary user without a name or rights, and has what the image has', async () => {
  const { code, stdout } = await startInTrixie([
    'sh',
    '-c',
    'id -u; id -g; whoami 2>&1; grep CapEff /proc/self/status; touch here 2>&1; setpriv --help | grep -c landlock-rule; postgres --version; locale -a | grep en_CA',
  ]).result

  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`^${ARBITRARY_UID}\n0\nwhoami: cannot find name.*\nCapEff:\\s+0+\n`))
  expect(stdout).toMatch(/touch: .*Read-only file system\n1\npostgres \(PostgreSQL\) 17\..*\nen_CA.utf8\n$/)
})

test('of a command in the trixie root that fails nothing is left, and its exit code is told', async () => {
  const { code } = await startInTrixie(['sh', '-c', 'sleep 1000 & exit 7']).result

  expect(code).toBe(7)
  expect(mountsOfRoot()).toEqual([])
})

test('of a command in the trixie root that is killed nothing is left', async () => {
  const mark = `${1000 + process.pid}.125`
  const running = startInTrixie(['sh', '-c', `setsid sleep ${mark} & wait`])
  const sleeping = () => allProcesses().filter(each => each.commandLine === `sleep ${mark} `)
  await untilTrue(() => sleeping().length === 1 && descendantsOf(running.child.pid ?? 0).length > 0)

  running.child.kill('SIGKILL')
  await running.result

  await untilTrue(() => sleeping().length === 0)
  expect(mountsOfRoot()).toEqual([])
})
