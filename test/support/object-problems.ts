import { z } from 'zod'
import { OPENSHIFT_KINDS } from './openshift-kinds.ts'

/** What is wrong with an object of a cluster: unknown fields, wrong types, missing fields; each with its path. */
export async function objectProblems(object: unknown): Promise<readonly string[]> {
  const { apiVersion, kind } = z.looseObject({ apiVersion: z.string(), kind: z.string() }).parse(object)
  const name = `${apiVersion} ${kind}`
  const ours = OPENSHIFT_KINDS[name]
  if (ours !== undefined) {
    const issues = ours.safeParse(object).error?.issues ?? []
    return issues.map(issue => `/${issue.path.join('/')}: ${issue.message}`)
  }
  const load = VALIDATORS[name]
  return load === undefined ? [`${name} is no kind that this test knows`] : problemsBy((await load()).validate, object)
}

interface Validator {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string; readonly keyword: string; readonly params: unknown }[] | null
}

interface ValidatorModule {
  readonly validate: Validator
}

// The package exports its classes only, which hide unknown fields of the object itself.
const SERVICE_MONITOR = new URL(
  '../../node_modules/@kubernetes-models/prometheus-operator/_schemas/ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1ServiceMonitor.js',
  import.meta.url,
)

const VALIDATORS: Readonly<Record<string, () => Promise<ValidatorModule>>> = {
  'v1 ConfigMap': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap'),
  'v1 PersistentVolumeClaim': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim'),
  'v1 Secret': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1Secret'),
  'v1 Service': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1Service'),
  'v1 ServiceAccount': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount'),
  'v1 Pod': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1Pod'),
  'apps/v1 Deployment': () => import('kubernetes-models/_schemas/IoK8sApiAppsV1Deployment'),
  'batch/v1 CronJob': () => import('kubernetes-models/_schemas/IoK8sApiBatchV1CronJob'),
  'batch/v1 Job': () => import('kubernetes-models/_schemas/IoK8sApiBatchV1Job'),
  'networking.k8s.io/v1 NetworkPolicy': () => import('kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy'),
  'monitoring.coreos.com/v1 ServiceMonitor': async () => (await import(SERVICE_MONITOR.href)) as ValidatorModule,
}

/** The schemas allow unknown fields, as Kubernetes' own do. But a field that they do not look at is one they do not know. */
function problemsBy(validate: Validator, object: unknown): readonly string[] {
  const seen = new Set<string>()
  validate(watched(object, '', seen))
  const errors = validate.errors ?? []
  const wrong = errors.map(error => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`)
  return [...wrong, ...unseen(object, '', seen)]
}

function watched(value: unknown, path: string, seen: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key) {
      const field = `${path}/${String(key)}`
      seen.add(field)
      return watched(Reflect.get(target, key), field, seen)
    },
    // Whoever lists the keys knows a map of any keys, such as labels.
    ownKeys(target) {
      for (const key of Object.keys(target)) seen.add(`${path}/${key}`)
      return Reflect.ownKeys(target)
    },
  })
}

function unseen(value: unknown, path: string, seen: ReadonlySet<string>): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const field = `${path}/${key}`
    return seen.has(field) ? unseen(each, field, seen) : [`${field}: unknown field`]
  })
}
