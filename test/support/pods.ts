import { z } from 'zod'

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  envFrom: z
    .array(
      z.looseObject({
        configMapRef: z.looseObject({ name: z.string() }).optional(),
        secretRef: z.looseObject({ name: z.string() }).optional(),
      }),
    )
    .default([]),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() }))
    .default([]),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
  livenessProbe: z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.unknown() }) }).optional(),
  readinessProbe: z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.unknown() }) }).optional(),
  securityContext: z.looseObject({
    allowPrivilegeEscalation: z.boolean().optional(),
    readOnlyRootFilesystem: z.boolean().optional(),
    privileged: z.boolean().optional(),
    runAsUser: z.number().optional(),
    runAsGroup: z.number().optional(),
    capabilities: z
      .looseObject({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() })
      .optional(),
  }),
})

const podSpec = z.looseObject({
  securityContext: z.looseObject({
    runAsNonRoot: z.boolean().optional(),
    runAsUser: z.number().optional(),
    runAsGroup: z.number().optional(),
    fsGroup: z.number().optional(),
    supplementalGroups: z.array(z.number()).optional(),
    seccompProfile: z.looseObject({ type: z.string() }).optional(),
  }),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  enableServiceLinks: z.boolean().optional(),
  terminationGracePeriodSeconds: z.number(),
  restartPolicy: z.string().optional(),
  activeDeadlineSeconds: z.number().optional(),
  containers: z.array(container).length(1),
  initContainers: z.array(z.unknown()).max(0).optional(),
  volumes: z.array(z.looseObject({ name: z.string() })),
})

export type PodSpec = z.output<typeof podSpec>
export type Container = z.output<typeof container>

export interface Named {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> | undefined }
}

const named = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
})

/** Kind, name and labels of an object. */
export function nameOf(object: unknown): Named {
  return named.parse(object)
}

const template = z.looseObject({ spec: podSpec })
const deployment = z.looseObject({ kind: z.literal('Deployment'), spec: z.looseObject({ template }) })
const cronJob = z.looseObject({
  kind: z.literal('CronJob'),
  spec: z.looseObject({ jobTemplate: z.looseObject({ spec: z.looseObject({ template }) }) }),
})
const job = z.looseObject({ kind: z.literal('Job'), spec: z.looseObject({ template }) })

/** What the objects make pods of; throws for one that is not as this test expects it. */
export function podSpecsOf(objects: readonly unknown[]): readonly PodSpec[] {
  return objects.flatMap(object => {
    const { kind } = nameOf(object)
    if (kind === 'Deployment') return [deployment.parse(object).spec.template.spec]
    if (kind === 'Job') return [job.parse(object).spec.template.spec]
    if (kind === 'CronJob') return [cronJob.parse(object).spec.jobTemplate.spec.template.spec]
    return []
  })
}

/** The one container of a pod. */
export function containerOf(pod: PodSpec): Container {
  const [only] = pod.containers
  if (only === undefined) throw new Error('a pod without a container')
  return only
}

/** Volume types that the constraint restricted-v2 allows. */
const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

/**
 * Why OpenShift's restricted-v2 would refuse the pod, or pick what we must leave to it; and what this container wants
 * besides: nothing writable but its volumes and /tmp, no config map that never changes, no rights in the cluster.
 */
export function podProblems(pod: PodSpec): readonly string[] {
  return [...securityProblems(pod), ...volumeProblems(pod)]
}

function securityProblems(pod: PodSpec): readonly string[] {
  const own = containerOf(pod).securityContext
  const group = pod.securityContext
  const chosen = [
    group.runAsUser,
    group.runAsGroup,
    group.fsGroup,
    group.supplementalGroups,
    own.runAsUser,
    own.runAsGroup,
  ]
  return failing([
    ['user and groups are the platform’s to choose', chosen.every(each => each === undefined)],
    ['runAsNonRoot', group.runAsNonRoot === true],
    ['seccompProfile RuntimeDefault', group.seccompProfile?.type === 'RuntimeDefault'],
    ['allowPrivilegeEscalation false', own.allowPrivilegeEscalation === false],
    ['not privileged', own.privileged !== true],
    ['drops ALL capabilities', own.capabilities?.drop?.join() === 'ALL'],
    ['adds no capability', (own.capabilities?.add ?? []).length === 0],
    ['nothing of the host', pod.hostNetwork !== true && pod.hostPID !== true && pod.hostIPC !== true],
    ['read-only root file system', own.readOnlyRootFilesystem === true],
    ['no token of the service account', pod.automountServiceAccountToken === false],
    ['no variables of services', pod.enableServiceLinks === false],
  ])
}

function volumeProblems(pod: PodSpec): readonly string[] {
  const { volumeMounts, env } = containerOf(pod)
  const folderOf = (name: string): string | undefined => env.find(each => each.name === name)?.value
  const mounted = (folder: string | undefined): boolean => volumeMounts.some(mount => mount.mountPath === folder)
  const names = new Set(pod.volumes.map(volume => volume.name))
  return failing([
    ['only volumes that are allowed', pod.volumes.every(volume => ALLOWED_VOLUMES.has(typeOf(volume)))],
    ['every mount has its volume', volumeMounts.every(mount => names.has(mount.name))],
    ['every volume is mounted', pod.volumes.every(volume => volumeMounts.some(mount => mount.name === volume.name))],
    ['FM36 no subPath: it would never change', volumeMounts.every(mount => mount.subPath === undefined)],
    ['/tmp is a volume', mounted('/tmp')],
    ['BACKUP_DIR is a volume', mounted(folderOf('BACKUP_DIR'))],
    ['BACKUP_CONF lies in a volume', mounted(folderOf('BACKUP_CONF')?.replace(/\/[^/]*$/, ''))],
  ])
}

function typeOf(volume: PodSpec['volumes'][number]): string {
  return Object.keys(volume).find(key => key !== 'name') ?? ''
}

function failing(rules: readonly (readonly [rule: string, holds: boolean])[]): readonly string[] {
  return rules.flatMap(([rule, holds]) => (holds ? [] : [rule]))
}
