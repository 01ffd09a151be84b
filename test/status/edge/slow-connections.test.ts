import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type StatusServer, startStatusServer } from '../../../src/status/edge/http-server.ts'
import { serviceStatus } from '../../support/service-status.ts'

const SLOW_CLIENTS = 250
const PROBES = 12

describe('FM110 while 250 slow clients hold connections open, each probe is answered:', () => {
  test('they send their request a byte at a time', async () => {
    const { port } = await serve()
    await using _ = await slowClients(port, async client => await trickle(client, 'GET /metrics HTTP/1.1\r\nx-slow: '))

    await expectProbesAnswered(port)
  })

  test('they send a body a byte at a time', async () => {
    const { port } = await serve()
    const head = 'POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n'
    await using _ = await slowClients(port, async client => {
      client.write(head)
      await trickle(client, '')
    })

    await expectProbesAnswered(port)
  })

  test('they send a body to a path that is answered', async () => {
    const { port } = await serve()
    const head = 'GET /livez HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'
    await using _ = await slowClients(port, async client => {
      client.write(head)
      await trickle(client, '1\r\nx\r\n')
    })

    await expectProbesAnswered(port)
  })

  test('they are silent', async () => {
    const { port } = await serve()
    await using _ = await slowClients(port, async () => {})

    await expectProbesAnswered(port)
  })

  test('they do not read what they asked for', async () => {
    const { port } = await serve()
    const ask = async (client: Socket): Promise<void> => {
      client.pause().write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(5))
    }
    // More requests each would be a flood, which is no slow client.
    await using _ = await slowClients(port, ask, { backAfterMs: 3_000 })

    await expectProbesAnswered(port)
  })
})

async function serve(): Promise<StatusServer> {
  const server = await startStatusServer(0, { isAlive: () => true, status: () => serviceStatus() })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

/** So many clients that do this and come back when they are thrown out, until they are disposed of. */
async function slowClients(
  port: number,
  act: (client: Socket) => Promise<void>,
  { backAfterMs } = { backAfterMs: 200 },
): Promise<AsyncDisposable> {
  const open = new Set<Socket>()
  let ended = false
  const start = (): Socket => {
    const client = connect(port, '127.0.0.1')
    open.add(client)
    client.on('error', () => {})
    client.once('connect', () => void act(client))
    client.once('close', () => {
      open.delete(client)
      // At once would be a flood, and no slow client.
      if (!ended) setTimeout(() => ended || start(), backAfterMs).unref()
    })
    return client
  }
  await Promise.all(Array.from({ length: SLOW_CLIENTS }, () => once(start(), 'connect')))
  return {
    async [Symbol.asyncDispose]() {
      ended = true
      for (const client of open) client.destroy()
    },
  }
}

/** The text, and then one more byte every 100 ms. */
async function trickle(client: Socket, text: string): Promise<void> {
  client.resume().write(text)
  const timer = setInterval(() => client.write('x'), 100)
  client.once('close', () => clearInterval(timer))
}

async function expectProbesAnswered(port: number): Promise<void> {
  for (let probe = 0; probe < PROBES; probe++) {
    const started = performance.now()
    expect(await probeLivez(port)).toBe(200)
    expect(performance.now() - started).toBeLessThan(5_000)
    // Probes are spread over the time that it takes to throw slow ones out.
    await new Promise(resolve => setTimeout(resolve, 150))
  }
}

/** A new connection, as the kubelet makes one for each probe. */
async function probeLivez(port: number): Promise<number | undefined> {
  const probe = request({ port, host: '127.0.0.1', path: '/livez', agent: false, timeout: 3_000 })
  probe.on('timeout', () => probe.destroy(new Error('no answer within three seconds')))
  const [response] = await once(probe.end(), 'response')
  response.resume()
  return response.statusCode
}
