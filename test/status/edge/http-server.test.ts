import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type StatusServer, startStatusServer } from '../../../src/status/edge/http-server.ts'
import { answerTo, PATHS, type StatusSource } from '../../../src/status/routes.ts'
import type { ServiceStatus } from '../../../src/status/service-status.ts'
import { serviceStatus } from '../../support/service-status.ts'

function sourceOf(given: Partial<ServiceStatus> = {}, alive = true): StatusSource {
  return { isAlive: () => alive, status: () => serviceStatus(given) }
}

async function serve(source: StatusSource = sourceOf()): Promise<StatusServer & { readonly url: string }> {
  const server = await startStatusServer(0, source)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { ...server, url: `http://127.0.0.1:${server.port}` }
}

function codeOf(url: string, source: StatusSource, method = 'GET'): number {
  return answerTo({ method, url }, source).code
}

describe('the answers', () => {
  test('/livez is 503 when the scheduler is stuck, and depends on nothing else', () => {
    const broken = { volume: { writable: false, totalBytes: null, freeBytes: null }, databases: [] }

    expect(codeOf('/livez', sourceOf(broken))).toBe(200)
    expect(codeOf('/livez', sourceOf({}, false))).toBe(503)
  })

  test('/readyz is 503 when the volume cannot be written or the configuration has problems', () => {
    const { configuration } = serviceStatus()

    expect(codeOf('/readyz', sourceOf())).toBe(200)
    expect(codeOf('/readyz', sourceOf({ volume: { writable: false, totalBytes: 1, freeBytes: 1 } }))).toBe(503)
    expect(codeOf('/readyz', sourceOf({ databases: [] }))).toBe(503)
    expect(
      answerTo(
        { method: 'GET', url: '/readyz' },
        sourceOf({ configuration: { ...configuration, problems: ['backup.conf:7'] } }),
      ),
    ).toMatchObject({ code: 503, body: expect.stringContaining('backup.conf:7') })
  })

  test.each(['/', '/livez/', '/metrics/../status.json', '/.backup/runs.jsonl', '/daily', '//livez', '', '*'])(
    '%s is not found',
    url => {
      expect(codeOf(url, sourceOf())).toBe(404)
    },
  )

  test.each(PATHS)('%s takes GET and HEAD, with a query or without, and nothing else', path => {
    const codes = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'].map(method => codeOf(path, sourceOf(), method))

    expect(codes).toEqual([200, 200, 405, 405, 405, 405])
    expect(codeOf(`${path}?a=b`, sourceOf())).toBe(200)
  })
})

describe('the server', () => {
  test('answers with length, type and without being cached', async () => {
    const { url } = await serve()

    const response = await fetch(`${url}/metrics`)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain('# TYPE backup_runs_total counter')
  })

  test('answers HEAD without a body, and POST with 405', async () => {
    const { url } = await serve()

    const head = await fetch(`${url}/status.json`, { method: 'HEAD' })
    const post = await fetch(`${url}/status.json`, { method: 'POST', body: 'x'.repeat(1000) })

    expect([head.status, await head.text()]).toEqual([200, ''])
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('refuses a head of more than 8 kB', async () => {
    const { url } = await serve()

    const response = await fetch(`${url}/livez`, { headers: { large: 'x'.repeat(10_000) } })

    expect(response.status).toBe(431)
  })

  test('ends a connection that sends nothing', async () => {
    const { port } = await serve()
    const socket = connect(port, '127.0.0.1')
    socket.resume().write('GET /livez HTTP/1.1\r\n')

    await once(socket, 'close')

    expect(socket.destroyed).toBe(true)
  })

  test('lives on when a client talks nonsense, or leaves in the middle', async () => {
    const { port, url } = await serve()
    const nonsense = connect(port, '127.0.0.1')
    nonsense.resume().end('\x16\x03\x01 this is no HTTP\r\n\r\n')
    await once(nonsense, 'close')
    const leaver = connect(port, '127.0.0.1', () => {
      leaver.write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n')
      leaver.resetAndDestroy()
    })
    await once(leaver, 'close')

    expect((await fetch(`${url}/livez`)).status).toBe(200)
  })

  test('FM37 names the setting when the port is taken', async () => {
    const { port } = await serve()

    const second = startStatusServer(port, sourceOf())

    await expect(second).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(/^HTTP_PORT: .* expected a free port$/),
    })
  })

  test('closes at once, with connections open', async () => {
    const server = await startStatusServer(0, sourceOf())
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')

    await server[Symbol.asyncDispose]()

    await expect(fetch(`http://127.0.0.1:${server.port}/livez`)).rejects.toThrow()
  })
})
