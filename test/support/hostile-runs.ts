import { join } from 'node:path'
import type { VerificationOutcome } from '../../src/events.ts'
import type { Attack } from '../corpus/hostile/attack.ts'
import { everythingIn } from './backups.ts'
import type { Ground } from './hostile-ground.ts'
import { changedBuiltIns, changesSince, hasCrashed, putBack, type ServerState, stateOf } from './hostile-state.ts'
import { filesWith } from './hostile-traces.ts'
import type { PostgresServer } from './postgres-server.ts'

/** What came of one attack. */
export interface Finding {
  /** Why `-1` made no archive of it; null when there is one. */
  readonly notBackedUp: string | null
  /** What changed that must not, with the mode in front. */
  readonly tripped: readonly string[]
  readonly verdict: string | null
  readonly reasons: string
  readonly restoreCode: number | null
  readonly restored: boolean
  /** The last words of `-r`. */
  readonly restoreSaid: string
}

type Part = Partial<Finding> & Pick<Finding, 'tripped'>

/** Runs `-r` and `-v` over all archives of a ground, and looks at the witnesses after each. */
export async function runAttacks(ground: Ground, attacks: readonly Attack[]): Promise<ReadonlyMap<string, Finding>> {
  const parts = new Map<string, Part[]>(attacks.map(attack => [attack.name, [afterBackup(ground, attack)]]))
  const add = (name: string, part: Part): void => void parts.get(name)?.push(part)
  const archived = attacks.filter(attack => ground.archives.has(attack.name))
  await restoreAll(ground, archived, add)
  await verifyAll(ground, archived, add)
  return new Map([...parts].map(([name, found]) => [name, together(found)]))
}

function together(parts: readonly Part[]): Finding {
  const none = { notBackedUp: null, verdict: null, reasons: '', restoreCode: null, restored: false, restoreSaid: '' }
  return Object.assign({}, none, ...parts, { tripped: parts.flatMap(part => part.tripped) }) as Finding
}

function afterBackup(ground: Ground, { name }: Attack): Part {
  const told = ground.printed.includes(ground.canary) ? ['the secret was printed'] : []
  return {
    notBackedUp: ground.archives.has(name) ? null : (ground.refused.get(name) ?? 'it was not named'),
    tripped: [...ground.traces.take(name), ...told].map(text => `-1: ${text}`),
  }
}

/** One after the other, so that what happens to the target is known to be this attack's. */
async function restoreAll(ground: Ground, attacks: readonly Attack[], add: (name: string, part: Part) => void) {
  let aim = await freshAim(ground)
  try {
    for (const attack of attacks) {
      const part = await restoreOne(ground, attack, aim)
      add(attack.name, part)
      if (part.tripped.length === 0) aim = { ...aim, before: await stateOf(aim.target) }
      else if (!(await putBack(aim.target, aim.before))) {
        await aim.target.stop()
        aim = await freshAim(ground)
      }
    }
  } finally {
    await aim.target.stop()
  }
}

async function freshAim(ground: Ground): Promise<Aim> {
  const target = await ground.startTarget()
  return { target, before: await stateOf(target) }
}

interface Aim {
  readonly target: PostgresServer
  readonly before: ServerState
}

async function restoreOne(ground: Ground, attack: Attack, aim: Aim): Promise<Part> {
  const { name } = attack
  const { target, before } = aim
  const archive = ground.archives.get(name) ?? ''
  const result = await ground.run(target, ['-r', ground.spec(target, attack), '-f', archive, '--yes'])
  const after = await stateOf(target)
  const log = target.log().slice(before.logLength)
  const restored = after.databases.has(name)
  const tripped = [
    ...ground.traces.take(name),
    ...changesSince(before, after, name),
    ...logged(log, name),
    ...(hasCrashed(log) ? ['the target server crashed'] : []),
    ...secrets(ground, result.stdout + result.stderr, join(target.folder, 'data', 'base')),
    ...(restored ? await changedBuiltIns(target, name) : []),
  ]
  const fresh = [...after.databases].filter(each => !before.databases.has(each))
  for (const each of fresh) await dropDatabase(target, each)
  const restoreSaid = `${result.stdout}\n${result.stderr}`
    .split('\n')
    .filter(line => !line.startsWith('{'))
    .join('\n')
    .slice(-600)
  return { restoreCode: result.code, restored, restoreSaid, tripped: tripped.map(text => `-r: ${text}`) }
}

/** All in one run: the program starts another scratch server where an attack brought one down. */
async function verifyAll(ground: Ground, attacks: readonly Attack[], add: (name: string, part: Part) => void) {
  ground.writeConf(attacks)
  const result = await ground.run(ground.source, ['-v', 'all', '--json'])
  const { databases } = JSON.parse(result.stdout === '' ? '{"databases":[]}' : result.stdout) as {
    readonly databases: readonly VerificationOutcome[]
  }
  const spoilt = secrets(ground, result.stdout + result.stderr, null)
  for (const attack of attacks) {
    const database = ground.spec(ground.source, attack)
    const outcome = databases.find(each => each.database === database)
    const log = logOf(result.stderr, database)
    const tripped = [...ground.traces.take(attack.name), ...logged(log, attack.name), ...spoilt]
    add(attack.name, {
      verdict: outcome?.verdict ?? null,
      reasons: (outcome?.reasons ?? []).map(({ kind, name, text }) => `${kind} ${name}: ${text}`).join('\n'),
      tripped: [...tripped, ...(hasCrashed(log) ? ['the scratch server crashed'] : [])].map(text => `-v: ${text}`),
    })
  }
}

/** What was logged from the start of one database's verification to the start of the next. */
function logOf(stderr: string, database: string): string {
  const pieces = stderr.split(/^(?=.*"verification-started")/m)
  return pieces.filter(piece => piece.split('\n')[0]?.includes(`"${database}"`) === true).join('')
}

function logged(log: string, name: string): readonly string[] {
  const line = new RegExp(`hostile ${name}: .*? runs as a superuser`)
  return line.test(log) ? ['code ran as a superuser'] : []
}

/** Where the secret of the program's environment turned up: what it printed, the volume, the files of a server. */
function secrets(ground: Ground, printed: string, data: string | null): readonly string[] {
  return [
    ...(printed.includes(ground.canary) ? ['the secret was printed'] : []),
    ...(everythingIn(ground.folder.volume, { archives: false }).includes(ground.canary)
      ? ['the secret is on the volume']
      : []),
    ...(data !== null && filesWith(data, ground.canary).length > 0 ? ['the secret is in a table'] : []),
  ]
}

/** One that a subscription of the archive holds stays: the next attack gets another server then. */
async function dropDatabase(target: PostgresServer, name: string): Promise<void> {
  await target.query('postgres', `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`).catch(() => {})
}
