import type { SftpSettings } from '../../config/sftp-settings.ts'
import { OperatorError } from '../../errors.ts'
import { codeOf } from '../../system/error-code.ts'
import { childEnvironment, type RunningTool, startTool } from '../../system/process.ts'
import { untilAborted } from '../until-aborted.ts'
import { makeLoginFolder } from './login-folder.ts'
import { beginSession, SessionLost, type SftpSession, SilentServer } from './session.ts'
import { type SftpStep, sftpFailure } from './sftp-failure.ts'
import { sshArguments } from './ssh-command.ts'

/** After the end of a conversation ssh says why within moments, or never. */
const LAST_WORDS_MS = 3_000

export interface SshOptions {
  readonly place: string
  /** How long the server may be silent. */
  readonly timeoutMs: number
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A session over an ssh of its own. */
export interface SshConnection {
  readonly session: SftpSession
  /** An error of the session as an OperatorError, with what ssh says of it. */
  explain(step: SftpStep, error: unknown): Promise<unknown>
  close(): void
}

/**
 * Starts ssh and the server's SFTP. Secrets lie in a private folder until the login is over, and nowhere else. Rejects with
 * an OperatorError or the signal's reason; ssh has ended then.
 */
export async function sshLogin(
  settings: SftpSettings,
  options: SshOptions,
  signal: AbortSignal,
): Promise<SshConnection> {
  await using folder = await makeLoginFolder(settings)
  const seconds = Math.ceil(options.timeoutMs / 1000)
  const args = sshArguments(settings, folder.path, { connectSeconds: seconds, aliveSeconds: Math.ceil(seconds / 2) })
  const env = { ...childEnvironment(options.env), ...folder.env }
  const ssh = startSsh({ command: 'ssh', args, env })
  const connection = { close: () => ssh.stop(), explain: explainer(settings, options, ssh) }
  try {
    const session = await untilAborted(begin(ssh, options.timeoutMs), signal)
    const close = (): void => {
      session.end(new SessionLost('it was closed here'))
      ssh.stop()
    }
    return { ...connection, session, close }
  } catch (error) {
    const explained = signal.aborted ? signal.reason : await connection.explain('log in', error)
    ssh.stop()
    throw explained
  }
}

function startSsh(tool: Parameters<typeof startTool>[0]): RunningTool {
  // It outlives the signal of the call that opened it, for the next one.
  return startTool(tool, { stdin: 'pipe', stdout: 'pipe' }, new AbortController().signal)
}

async function begin({ stdin, stdout }: RunningTool, timeoutMs: number): Promise<SftpSession> {
  if (stdin === null || stdout === null) throw new Error('ssh has no pipes')
  // To connect, to log in, and to start SFTP.
  return await beginSession({ input: stdin, output: stdout }, { beginMs: timeoutMs * 2, patienceMs: timeoutMs })
}

function explainer(settings: SftpSettings, { place }: SshOptions, ssh: RunningTool): SshConnection['explain'] {
  const secrets = [settings.password, settings.passphrase].flatMap(each => each?.reveal() ?? [])
  return async (step, error) => {
    const isAboutSsh = error instanceof SessionLost || error instanceof SilentServer || codeOf(error) === 'EPIPE'
    const sshSaid = isAboutSsh ? await lastWords(ssh) : []
    if (sshSaid !== null) return sftpFailure(error, { place, step, sshSaid, secrets })
    const message = `${place}: ssh is not installed; expected OpenSSH's client`
    return new OperatorError('tools', message, { hint: 'install openssh-client' })
  }
}

/** What ssh wrote to stderr, when it has ended: by itself, or because it is told to. Null where there is no ssh. */
async function lastWords(ssh: RunningTool): Promise<readonly string[] | null> {
  const inTime = AbortSignal.timeout(LAST_WORDS_MS)
  await untilAborted(ssh.exit, inTime).catch(() => ssh.stop())
  try {
    return (await ssh.exit).stderr
  } catch (error) {
    if (error instanceof Error && codeOf(error.cause) === 'ENOENT') return null
    throw error
  }
}
