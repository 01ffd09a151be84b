import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback that can stop forwarding without closing anything, as a firewall that forgot a connection does. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** From now on nothing passes, in either direction; new connections are accepted and stay silent. */
  stall(): void
  /** New connections pass again; those that were stalled stay so. */
  heal(): void
  /** Bytes that came from the server so far. */
  received(): number
  /**
   * Once, as soon as this many bytes have come from the server: `stall`, or `cut`, which resets every connection of
   * that moment while new ones pass. Resolves when it is done.
   */
  after(bytes: number, action: 'stall' | 'cut'): Promise<void>
  /** Resets every connection of this moment. */
  cut(): void
}

export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  const pairs: [Socket, Socket][] = []
  let stalled = false
  let received = 0
  let trigger: { readonly bytes: number; readonly act: () => void } | null = null
  const proxy = createServer(client => {
    const server = connect(serverPort, '127.0.0.1')
    pairs.push([client, server])
    client.on('error', () => {})
    // A server that refuses or resets is no silent one.
    server.on('error', () => {
      if (!stalled) client.resetAndDestroy()
    })
    server.on('data', chunk => {
      received += chunk.length
      if (trigger === null || received < trigger.bytes) return
      const { act } = trigger
      trigger = null
      act()
    })
    if (stalled) return freeze(client, server)
    client.pipe(server)
    server.pipe(client)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  const stall = (): void => {
    stalled = true
    for (const pair of pairs) freeze(...pair)
  }
  const cut = (): void => {
    for (const socket of pairs.splice(0).flat()) socket.resetAndDestroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received: () => received,
    stall,
    cut,
    after: (bytes, action) =>
      new Promise(resolve => {
        const act = (): void => {
          if (action === 'cut') cut()
          else stall()
          resolve()
        }
        trigger = { bytes, act }
      }),
    heal() {
      stalled = false
    },
    async [Symbol.asyncDispose]() {
      for (const socket of pairs.flat()) socket.destroy()
      if (!proxy.listening) return
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

function freeze(client: Socket, server: Socket): void {
  client.unpipe(server)
  server.unpipe(client)
  client.pause()
  server.pause()
}
