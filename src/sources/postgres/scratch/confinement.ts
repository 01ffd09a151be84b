import { runTool, type ToolExit } from '../../../system/process.ts'
import { LANDLOCK_LEVELS, type LandlockLevel, landlockFlags } from './landlock.ts'
import { type ReachInput, reachOf } from './reach.ts'
import { serverEnvironment } from './server-environment.ts'
import { asServerUser, type ServerUser } from './server-user.ts'

const PROBE_TIMEOUT_MS = 20_000

/** What keeps a server, and code that runs as it, from other files and processes of this user. */
export interface Confinement {
  readonly by: 'Landlock' | null
  /** For setpriv. */
  readonly flags: readonly string[]
  /** What is not closed by it, or why there is none; null for nothing to add. */
  readonly gap: string | null
}

/** What became of trying one level. */
interface Trial {
  readonly level: LandlockLevel
  readonly flags: readonly string[]
  /** The server's program runs under it. */
  readonly runs: boolean
  /** A program out of reach does not. */
  readonly refuses: boolean
  readonly said: string
}

export interface ConfinementInput extends ReachInput {
  readonly user: ServerUser
}

/**
 * Tries, with the program and the folders themselves, what this kernel and this setpriv offer, and returns the best that
 * works. Nothing is concluded from versions. Network and sockets stay open in any case.
 */
export async function findConfinement(input: ConfinementInput, signal: AbortSignal): Promise<Confinement> {
  if (input.user.setpriv === null) return open('setpriv is not installed')
  const reach = await reachOf(input)
  const trials: Trial[] = []
  for (const level of LANDLOCK_LEVELS) {
    const trial = await tryOut({ ...input, level, flags: landlockFlags(level, reach) }, signal)
    trials.push(trial)
    // A setpriv without Landlock knows none of the levels.
    if (trial.runs || isUnknownOption(trial.said)) break
  }
  return judge(trials)
}

/** The confinement as one line for people, which begins with `confinement:`. */
export function confinementText({ by, gap }: Confinement): string {
  if (by === null) return `confinement: open (${gap})`
  return `confinement: files and processes (${by}${gap === null ? '' : `; ${gap}`})`
}

/** What an open one means, and what to do about it. */
export const HOW_TO_CLOSE =
  'code of an archive that breaks out of a scratch server can read what other processes of this user hold: prove in a deployment of its own without any secret but the volume, or with an image and a kernel that have Landlock (docs/reference/security.md)'

/** What trials, the best level first, come to. */
function judge(trials: readonly Trial[]): Confinement {
  const good = trials.find(trial => trial.runs && trial.refuses)
  if (good !== undefined) return { by: 'Landlock', flags: good.flags, gap: good.level.gap }
  if (trials.some(trial => trial.runs))
    return open('this kernel takes the rules of Landlock and was not seen to keep them')
  const said = trials.map(trial => trial.said).join('\n')
  if (isUnknownOption(said)) return open('setpriv knows no Landlock; that of util-linux 2.41 does')
  if (/landlock_create_ruleset|landlock_restrict_self/.test(said)) return open('this kernel offers no Landlock')
  return open('the server does not run under Landlock here')
}

function open(gap: string): Confinement {
  return { by: null, flags: [], gap }
}

function isUnknownOption(said: string): boolean {
  return /unrecognized option|no support for landlock/i.test(said)
}

async function tryOut(input: ConfinementInput & Pick<Trial, 'level' | 'flags'>, signal: AbortSignal): Promise<Trial> {
  const { binaries, place, level, flags } = input
  // The second way reads the configuration, time zones and the folder of shared files too.
  const args = place === null ? ['--version'] : ['-D', place.dataFolder, '-C', 'timezone_abbreviations']
  const inside = await probe(input, binaries.postgres, args, signal)
  const runs = inside.code === 0
  return { level, flags, runs, refuses: runs && (await isRefused(input, signal)), said: inside.stderr.join('\n') }
}

/** Whether setpriv, as a program out of reach, cannot be run because of the flags. */
async function isRefused(input: ConfinementInput & Pick<Trial, 'flags'>, signal: AbortSignal): Promise<boolean> {
  const setpriv = (flags: readonly string[]): Promise<ToolExit> =>
    probe({ ...input, flags }, input.user.setpriv ?? '', ['--version'], signal)
  const [free, confined] = await Promise.all([setpriv([]), setpriv(input.flags)])
  return free.code === 0 && confined.code !== 0
}

async function probe(
  { user, env, flags }: ConfinementInput & Pick<Trial, 'flags'>,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ToolExit> {
  const tool = asServerUser(user, { command, args, env: serverEnvironment(env) }, flags)
  const exit = await runTool(tool, { timeoutMs: PROBE_TIMEOUT_MS }, signal)
  signal.throwIfAborted()
  return exit
}
