import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import type { FtpSettings } from '../../src/config/destination-settings.ts'
import { Secret } from '../../src/config/secret.ts'

/** A small FTP server that can be told to misbehave: what the real ones never do when asked. */
export interface ScriptedFtpServer extends AsyncDisposable {
  readonly port: number
  /** Everything that came over the control connection, after decryption. */
  received(): string
  readonly files: Map<string, Buffer>
  settings(changed?: Partial<FtpSettings>): FtpSettings
}

export interface Script {
  /** With it, AUTH TLS is understood. */
  readonly tls?: { readonly key: string; readonly certificate: string }
  /** Replies instead of the usual ones, by command: the whole line, or null for silence. */
  readonly replies?: Readonly<Record<string, string | null>>
  /** What comes over the data connection after one of these commands, for as long as anybody reads it. */
  readonly sends?: Readonly<Record<string, () => Iterable<Buffer>>>
}

interface Session {
  socket: Socket
  data: Promise<Socket> | null
  mute: boolean
  renamed: string
}

export async function startScriptedFtpServer(script: Script = {}): Promise<ScriptedFtpServer> {
  const files = new Map<string, Buffer>()
  const open = new Set<{ destroy(): void }>()
  let received = ''
  const server = createServer(socket => {
    open.add(socket)
    serve({ socket, data: null, mute: false, renamed: '' }, line => {
      received += `${line}\n`
    })
  })

  function serve(session: Session, onLine: (line: string) => void): void {
    session.socket.write('220 scripted\r\n')
    converse(session, onLine)
  }

  function converse(session: Session, onLine: (line: string) => void): void {
    const { socket } = session
    socket.on('error', () => {})
    const lines = createInterface({ input: socket })
    // It repeats the socket's errors.
    lines.on('error', () => {})
    lines.on('line', line => {
      onLine(line)
      if (session.mute) return
      const [command = '', ...words] = line.split(' ')
      const reply = answer(command, words.join(' '), session)
      if (reply !== null) socket.write(`${reply}\r\n`)
      if (command === 'AUTH' && reply?.startsWith('234')) {
        session.mute = script.tls === undefined
        if (session.mute) return
        lines.close()
        socket.removeAllListeners('data')
        const secured = new TLSSocket(socket, { isServer: true, key: script.tls?.key, cert: script.tls?.certificate })
        converse(Object.assign(session, { socket: secured }), onLine)
      }
    })
  }

  function answer(command: string, word: string, session: Session): string | null {
    const scripted = script.replies?.[command]
    if (scripted !== undefined) return scripted
    const sent = script.sends?.[command]
    if (sent !== undefined) return transmit(sent(), session)
    switch (command) {
      case 'AUTH':
        return script.tls === undefined ? '502 not implemented' : '234 go on'
      case 'USER':
        return '331 password, please'
      case 'PASS':
        return '230 welcome'
      case 'FEAT':
        return '211 none'
      case 'SIZE':
        return files.has(word) ? `213 ${files.get(word)?.length}` : '550 no such file'
      case 'EPSV':
        return passive(session)
      case 'STOR':
      case 'APPE':
        return receive(word, session)
      case 'RNFR':
        session.renamed = word
        return files.has(word) ? '350 and now the other' : '550 no such file'
      case 'RNTO':
        return move(session.renamed, word)
      case 'DELE':
        return files.delete(word) ? '250 removed' : '550 no such file'
      default:
        return '200 as you like'
    }
  }

  function passive(session: Session): null {
    const data = createServer()
    open.add({ destroy: () => data.close() })
    session.data = once(data, 'connection').then(([from]) => {
      data.close()
      return from as Socket
    })
    data.listen(0, '127.0.0.1', () => session.socket.write(`229 here (|||${portOf(data)}|)\r\n`))
    return null
  }

  function receive(name: string, { data, socket }: Session): string {
    void data?.then(async from => {
      files.set(name, Buffer.concat(await from.toArray()))
      from.destroy()
      socket.write('226 all here\r\n')
    })
    return '150 send it'
  }

  function transmit(content: Iterable<Buffer>, { data, socket }: Session): string {
    void data?.then(async to => {
      open.add(to)
      await pipeline(Readable.from(content), to).catch(() => {})
      if (!socket.destroyed) socket.write('226 all sent\r\n')
    })
    return '150 here it comes'
  }

  function move(from: string, to: string): string {
    const content = files.get(from)
    if (content === undefined || files.has(to)) return '550 there is one of that name'
    files.set(to, content)
    files.delete(from)
    return '250 renamed'
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    received: () => received,
    files,
    settings: changed => ({
      name: 'ftp',
      address: { host: '127.0.0.1', port: portOf(server), tls: 'explicit', folders: [], fromRoot: false },
      user: 'copies',
      password: new Secret('hunter2-for-copies'),
      tls: 'off',
      caFile: null,
      retention: 'keep',
      ...changed,
    }),
    async [Symbol.asyncDispose]() {
      for (const each of open) each.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
