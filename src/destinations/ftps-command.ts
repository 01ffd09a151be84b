import type { Client } from 'basic-ftp'

const REFUSED = new WeakMap<object, string>()

/** From now on it is known of each refusal which command it is the answer to. */
export function rememberCommands({ ftp }: Client): void {
  const send = ftp.send.bind(ftp)
  const handle = ftp.handle.bind(ftp)
  let last = ''
  ftp.send = command => {
    last = /^[A-Z0-9]+/.exec(command)?.[0] ?? ''
    send(command)
  }
  ftp.handle = async (command, respond) => {
    try {
      return await handle(command, respond)
    } catch (error) {
      // Now: what is said next, QUIT perhaps, is about something else.
      if (error instanceof Error && last !== '') REFUSED.set(error, last)
      throw error
    }
  }
}

/** The word of the command that was refused, such as STOR: never what followed it, which may be a password. */
export function refusedCommand(error: Error): string | null {
  return REFUSED.get(error) ?? null
}
