import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One request as it came in. */
export interface ReceivedPost {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the server does with a request: a status (and headers, and a body), silence, a reset connection, or half an answer. */
export type Behaviour =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'reset'
  /** An answer that begins and never ends, a byte at a time. */
  | 'drip'

/** A real HTTP server on loopback in the place of a chat server, PagerDuty or a dead-man's switch. */
export interface ChatServer extends AsyncDisposable {
  readonly url: string
  /** Every request that came in whole, in that order. */
  readonly posts: readonly ReceivedPost[]
  /** From now on; a list is used up one by one, its last one stays. */
  behave(...behaviours: readonly Behaviour[]): void
  /** Resolves when this many requests have come in. */
  received(count: number): Promise<void>
}

const FINE: Behaviour = { status: 200, body: '{"success":true}' }

/** Starts a server that answers 200 to everything until it is told otherwise. */
export async function startChatServer(port = 0): Promise<ChatServer> {
  const posts: ReceivedPost[] = []
  const waiting = new Set<() => void>()
  let plan: readonly Behaviour[] = [FINE]
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request).catch(() => null)
    if (body === null) return
    posts.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
    const behaviour = plan[0] ?? FINE
    if (plan.length > 1) plan = plan.slice(1)
    answer(behaviour, response)
    for (const look of waiting) look()
  }
  const server = createServer((request, response) => void receive(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    posts,
    behave(...behaviours) {
      plan = behaviours
    },
    received: count =>
      new Promise(resolve => {
        const look = (): void => {
          if (posts.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function answer(behaviour: Behaviour, response: ServerResponse): void {
  if (behaviour === 'hang') return
  if (behaviour === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  if (behaviour === 'drip') {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 20)
    response.on('close', () => clearInterval(timer))
    return
  }
  response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body ?? '')
}
