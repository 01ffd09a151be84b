import { failureOf, OperatorError } from '../../../errors.ts'
import type { SourceContext } from '../../source-context.ts'
import { type Confinement, confinementText, findConfinement, HOW_TO_CLOSE } from './confinement.ts'
import { findServerBinaries } from './server-binaries.ts'
import { findServerUser } from './server-user.ts'

/** What would keep a scratch server from other files and processes. */
export interface ScratchConfinement {
  readonly state: 'files and processes' | 'open' | 'not known'
  /** Begins with `confinement:`. */
  readonly text: string
  /** What to do; null where there is nothing. */
  readonly hint: string | null
}

/**
 * Tries out how a scratch server of the newest installed major would be confined; none is started. What was found goes
 * to the log too. Rejects only with the signal's reason: not to know is no reason to stop.
 */
export async function scratchConfinement(
  { env, log }: Pick<SourceContext, 'env' | 'log'>,
  signal: AbortSignal,
): Promise<ScratchConfinement> {
  const confinement = await tryOut(env, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    return notKnown(error)
  })
  log[confinement.hint === null ? 'info' : 'warn']('scratch-confinement', { ...confinement })
  return confinement
}

async function tryOut(env: SourceContext['env'], signal: AbortSignal): Promise<ScratchConfinement> {
  const installed = await findServerBinaries(env, signal)
  const binaries = installed.toSorted((a, b) => b.major - a.major)[0]
  if (binaries === undefined) throw new OperatorError('tools', 'no PostgreSQL server is installed', { hint: INSTALL })
  const user = await findServerUser(env, signal)
  return known(await findConfinement({ user, binaries, place: null, env }, signal))
}

const INSTALL = 'install the package of the server, such as postgresql-17: without it no backup can be proved'

function known(confinement: Confinement): ScratchConfinement {
  const isOpen = confinement.by === null
  return {
    state: isOpen ? 'open' : 'files and processes',
    text: confinementText(confinement),
    hint: isOpen ? HOW_TO_CLOSE : null,
  }
}

function notKnown(error: unknown): ScratchConfinement {
  const { message, hint } = failureOf(error)
  return { state: 'not known', text: `confinement: not known (${message})`, hint: hint ?? "see this pod's log" }
}
