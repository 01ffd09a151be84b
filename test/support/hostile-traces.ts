import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where attacks leave files, and whom they connect to. */
export interface Traces extends AsyncDisposable {
  readonly folder: string
  readonly listenerPort: number
  /** What an attack has left since it was last asked for; it is gone then. */
  take(name: string): readonly string[]
}

export async function createTraces(): Promise<Traces> {
  const folder = mkdtempSync(join(tmpdir(), 'traces-'))
  // Servers and programs of any user.
  chmodSync(folder, 0o777)
  const callers: string[] = []
  const listener = createServer(socket => {
    // The first packet names the user, which is the name of the attack.
    socket.once('data', bytes => {
      callers.push(bytes.toString('latin1'))
      socket.destroy()
    })
    socket.on('error', () => {})
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    folder,
    listenerPort: (listener.address() as AddressInfo).port,
    take: name => [...takeFiles(folder, name), ...takeCalls(callers, name)],
    async [Symbol.asyncDispose]() {
      listener.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function takeFiles(folder: string, name: string): readonly string[] {
  const files = readdirSync(folder).filter(file => file.startsWith(`${name}-`))
  // The shell makes that file before it finds out that there is nothing to be put into it.
  const found = files.filter(file => !file.includes('-environment') || statSync(join(folder, file)).size > 0)
  for (const file of files) rmSync(join(folder, file), { recursive: true })
  return found.map(file => `file ${file}`)
}

function takeCalls(callers: string[], name: string): readonly string[] {
  const own = callers.filter(text => text.split('\0').includes(name))
  for (const text of own) callers.splice(callers.indexOf(text), 1)
  return own.map(() => 'a connection to a server of its choice')
}

/** The files below a folder, with their paths, that hold a text. Those that go away meanwhile hold nothing. */
export function filesWith(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files.map(entry => join(entry.parentPath, entry.name)).filter(file => holds(file, text))
}

function holds(file: string, text: string): boolean {
  try {
    return readFileSync(file).includes(text)
  } catch {
    return false
  }
}
