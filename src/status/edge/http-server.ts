import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OperatorError } from '../../errors.ts'
import { codeOf } from '../../system/error-code.ts'
import { answerTo, type StatusSource } from '../routes.ts'
import { capConnections } from './connection-cap.ts'

const LIMITS = {
  maxHeaderSize: 8 * 1024,
  // Probes and scrapers send their few lines at once.
  headersTimeout: 2_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 500,
} as const
const MOST_CONNECTIONS = 128
const MOST_REQUESTS_OF_A_CONNECTION = 100

/** A few pages for probes, Prometheus and people, until it is disposed of. */
export interface StatusServer extends AsyncDisposable {
  readonly port: number
}

/** Listens on every address. Throws an OperatorError of kind `configuration` when the port cannot be had. */
export async function startStatusServer(port: number, source: StatusSource): Promise<StatusServer> {
  const server = createServer(LIMITS, (request, response) => respond(request, response, source))
  server.maxRequestsPerSocket = MOST_REQUESTS_OF_A_CONNECTION
  capConnections(server, MOST_CONNECTIONS)
  server.setTimeout(LIMITS.requestTimeout)
  await listen(server, port)
  server.on('error', () => {})
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function respond(request: IncomingMessage, response: ServerResponse, source: StatusSource): void {
  const answer = answerTo({ method: request.method ?? '', url: request.url ?? '' }, source)
  // Whoever sends a body gets an answer and no connection to go on with.
  if (answer.code !== 200 || hasBody(request)) response.setHeader('connection', 'close')
  if (answer.code === 405) response.setHeader('allow', 'GET, HEAD')
  response.writeHead(answer.code, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(answer.body)
}

/** None of our paths takes one, and waiting for the rest of it would hold a connection. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port)
    await once(server, 'listening')
  } catch (error) {
    const found = codeOf(error) === 'EADDRINUSE' ? 'another program listens on it' : codeOf(error)
    throw new OperatorError('configuration', `HTTP_PORT: ${port} cannot be opened (${found}); expected a free port`, {
      hint: 'set HTTP_PORT to another port, or to 0 for none',
    })
  }
}
