import { OperatorError } from '../../../errors.ts'
import { childEnvironment, runTool, type Tool } from '../../../system/process.ts'
import { findProgram } from '../../../system/program-path.ts'
import { hasUserName } from '../../../system/user-name.ts'

/** Whom a scratch server runs as. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
  /** Whether its files have to be given to it: we are root, and PostgreSQL refuses to be. */
  readonly isAnother: boolean
  /** Whether the system knows a name for it. OpenShift's arbitrary users have none, and initdb asks for it. */
  readonly isNamed: boolean
  /** What makes a command run as this user, gain no rights, and end when this process does, however it ends; null without it. */
  readonly setpriv: string | null
  readonly flags: readonly string[]
}

const ENDS_WITH_US = ['--no-new-privs', '--pdeathsig=QUIT']

type Environment = Readonly<Record<string, string | undefined>>

/** Chooses the user: `postgres` when we are root, else ourselves. Throws OperatorError('tools') when root can't drop to it. */
export async function findServerUser(env: Environment, signal: AbortSignal): Promise<ServerUser> {
  const setpriv = await findProgram('setpriv', env.PATH ?? '')
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) {
    return { uid, gid: process.getgid?.() ?? 0, isAnother: false, isNamed: hasUserName(), setpriv, flags: ENDS_WITH_US }
  }
  if (setpriv === null) throw cannotDrop('setpriv is not installed', 'install util-linux')
  const [postgres, group] = await Promise.all([idOf('-u', env, signal), idOf('-g', env, signal)])
  const flags = [`--reuid=${postgres}`, `--regid=${group}`, '--init-groups', ...ENDS_WITH_US]
  return { uid: postgres, gid: group, isAnother: true, isNamed: true, setpriv, flags }
}

/** The command as this user runs it, with further flags of setpriv where there is one. */
export function asServerUser(user: ServerUser, tool: Tool, flags: readonly string[] = []): Tool {
  if (user.setpriv === null) return tool
  return { ...tool, command: user.setpriv, args: [...user.flags, ...flags, '--', tool.command, ...tool.args] }
}

async function idOf(flag: string, env: Environment, signal: AbortSignal): Promise<number> {
  const tool = { command: 'id', args: [flag, 'postgres'], env: childEnvironment(env) }
  const answer = await runTool(tool, { timeoutMs: 10_000 }, signal)
  signal.throwIfAborted()
  if (answer.code === 0) return Number(answer.stdout)
  throw cannotDrop('there is no user postgres', 'install the package of the PostgreSQL server, which makes it')
}

function cannotDrop(found: string, mend: string): OperatorError {
  const message = `scratch server: started as root, and ${found}; expected to run it as the user postgres`
  return new OperatorError('tools', message, { hint: `${mend}, or start this program as another user` })
}
