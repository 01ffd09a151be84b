import { METRICS_TYPE, metricsText } from './metrics-text.ts'
import type { ServiceStatus } from './service-status.ts'

/** What the server asks for at each request. */
export interface StatusSource {
  /** Whether the scheduler has looked at its clock of late. It depends on nothing else: no database, no volume. */
  isAlive(): boolean
  status(): ServiceStatus
}

/** What is sent back for one of the paths. */
export interface PageAnswer {
  readonly code: 200 | 404 | 405 | 503
  readonly type: string
  readonly body: string
}

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

type Route = (source: StatusSource) => PageAnswer

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/livez', source => (source.isAlive() ? ok(TEXT, 'ok\n') : unavailable('the scheduler does not run'))],
  ['/readyz', source => readiness(source.status())],
  ['/metrics', source => ok(METRICS_TYPE, metricsText(source.status()))],
  ['/status.json', source => ok(JSON_TYPE, `${JSON.stringify(source.status(), null, 2)}\n`)],
])

/** The paths that are answered. */
export const PATHS: readonly string[] = [...ROUTES.keys()]

/** The answer to one request. Nothing of the request but its method and path decides, and nothing of it is repeated. */
export function answerTo(request: { readonly method: string; readonly url: string }, source: StatusSource): PageAnswer {
  const [path = ''] = request.url.split('?')
  const route = ROUTES.get(path)
  if (route === undefined) return { code: 404, type: TEXT, body: 'not found\n' }
  if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 405, type: TEXT, body: 'GET only\n' }
  return route(source)
}

/** Ready means that a backup can be written: another pod should not be stopped before this one can take over. */
function readiness({ configuration, databases, servers, volume }: ServiceStatus): PageAnswer {
  if (!volume.writable) return unavailable('the volume cannot be written')
  const isAnyAsked = servers.some(({ server }) => server.endsWith('/*'))
  if (databases.length === 0 && !isAnyAsked)
    return unavailable('the configuration names no database that can be backed up')
  if (configuration.problems.length === 0) return ok(TEXT, 'ok\n')
  return unavailable(`the configuration has problems: ${configuration.problems.join(', ')}`)
}

function ok(type: string, body: string): PageAnswer {
  return { code: 200, type, body }
}

function unavailable(reason: string): PageAnswer {
  return { code: 503, type: TEXT, body: `${reason}\n` }
}
