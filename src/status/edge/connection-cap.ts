import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Keeps a server at no more than `most` connections by closing one for each that comes, never by refusing the new one:
 * whoever holds connections open must not keep a probe out. The one that goes is of the address that has the most,
 * the oldest that waits for nothing from us, else the oldest.
 */
export function capConnections(server: Server, most: number): void {
  // In the order in which they came.
  const open = new Map<Socket, Held>()
  server.on('connection', (socket: Socket) => {
    open.set(socket, { address: socket.remoteAddress ?? '', answering: 0 })
    socket.once('close', () => open.delete(socket))
    if (open.size > most) victimOf(open, socket)?.destroy()
  })
  server.on('request', ({ socket }, response: ServerResponse) => {
    const held = open.get(socket)
    if (held === undefined) return
    held.answering += 1
    response.once('close', () => {
      held.answering -= 1
    })
  })
}

interface Held {
  readonly address: string
  /** Answers that are on their way. */
  answering: number
}

function victimOf(open: ReadonlyMap<Socket, Held>, newest: Socket): Socket | undefined {
  const others = [...open].filter(([socket]) => socket !== newest && !socket.destroyed)
  const address = mostFrequent(others.map(([, held]) => held.address))
  const candidates = others.filter(([, held]) => held.address === address)
  return (candidates.find(([, held]) => held.answering === 0) ?? candidates[0])?.[0]
}

function mostFrequent(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].reduce<readonly [string | undefined, number]>(
    (best, [word, count]) => (count > best[1] ? [word, count] : best),
    [undefined, 0],
  )[0]
}
