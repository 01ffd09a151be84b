// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are a Template's placeholders
import { describe, expect, test } from 'vitest'
import { objectProblems } from '../support/object-problems.ts'
import { processTemplate } from '../support/openshift-template.ts'
import { podProblems, podSpecsOf } from '../support/pods.ts'
import { wiringProblems } from '../support/wiring.ts'

// A check that finds nothing is worth something only if it would find something.

const LABELS = { app: 'backup' }

const CONTAINER = {
  name: 'backup',
  image: 'backup',
  env: [
    { name: 'BACKUP_DIR', value: '/backups/' },
    { name: 'BACKUP_CONF', value: '/conf/backup.conf' },
  ],
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [
    { name: 'backup', mountPath: '/backups/' },
    { name: 'config', mountPath: '/conf' },
    { name: 'tmp', mountPath: '/tmp' },
  ],
  resources: { limits: { memory: '1Gi' } },
}

const POD = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 60,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [CONTAINER],
  volumes: [
    { name: 'backup', persistentVolumeClaim: { claimName: 'backup' } },
    { name: 'config', configMap: { name: 'backup-conf' } },
    { name: 'tmp', emptyDir: {} },
  ],
}

function deployment(pod: object = {}, container: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'backup', labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { ...POD, ...pod, containers: [{ ...CONTAINER, ...container }] },
      },
    },
  }
}

describe('the check of objects', () => {
  test('finds nothing in a good one', async () => {
    expect(await objectProblems(deployment())).toEqual([])
  })

  test.each([
    ['a field that does not exist', deployment({}, { volumeMount: [] }), 'containers/0/volumeMount: unknown field'],
    ['a wrong type', deployment({ terminationGracePeriodSeconds: '60' }), 'terminationGracePeriodSeconds: type'],
    ['a missing field', deployment({}, { name: undefined }), 'containers/0: required'],
    ['a quantity that is none', deployment({}, { resources: { limits: { memory: '1 GB' } } }), 'limits/memory'],
    [
      'the description that NetworkPolicies do not have',
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'backup' },
        spec: { description: 'lets it in', podSelector: {} },
      },
      '/spec/description: unknown field',
    ],
    [
      'a field that a BuildConfig does not have',
      { apiVersion: 'image.openshift.io/v1', kind: 'ImageStream', metadata: { name: 'a' }, spec: { local: true } },
      '/spec',
    ],
    ['a kind that nobody knows', { apiVersion: 'v1', kind: 'DeploymentConfig' }, 'no kind that this test knows'],
  ])('finds %s', async (_, object, problem) => {
    expect((await objectProblems(object)).join('\n')).toContain(problem)
  })
})

describe('FM40 the check of pods', () => {
  test('finds nothing in a good one', () => {
    expect(podSpecsOf([deployment()]).flatMap(podProblems)).toEqual([])
  })

  test.each([
    ['a user of its own', deployment({}, { securityContext: { ...CONTAINER.securityContext, runAsUser: 1000 } })],
    ['a group of its own', deployment({ securityContext: { ...POD.securityContext, fsGroup: 0 } })],
    ['root', deployment({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })],
    ['no seccomp profile', deployment({ securityContext: { runAsNonRoot: true } })],
    [
      'privileges to gain',
      deployment({}, { securityContext: { ...CONTAINER.securityContext, allowPrivilegeEscalation: true } }),
    ],
    [
      'capabilities',
      deployment({}, { securityContext: { ...CONTAINER.securityContext, capabilities: { drop: ['NET_RAW'] } } }),
    ],
    [
      'a root that can be written',
      deployment({}, { securityContext: { ...CONTAINER.securityContext, readOnlyRootFilesystem: false } }),
    ],
    [
      'a folder of the host',
      deployment({ volumes: [...POD.volumes.slice(1), { name: 'backup', hostPath: { path: '/' } }] }),
    ],
    ['the network of the host', deployment({ hostNetwork: true })],
    ['a token', deployment({ automountServiceAccountToken: true })],
    ['variables of services', deployment({ enableServiceLinks: true })],
    ['a volume that is not mounted', deployment({ volumes: [...POD.volumes, { name: 'more', emptyDir: {} }] })],
    ['a mount without a volume', deployment({ volumes: POD.volumes.slice(0, 2) })],
    [
      'a subPath',
      deployment(
        {},
        {
          volumeMounts: [...CONTAINER.volumeMounts.slice(1), { name: 'backup', mountPath: '/backups/', subPath: 'a' }],
        },
      ),
    ],
    ['backups that are on no volume', deployment({}, { env: CONTAINER.env.slice(1) })],
  ])('finds %s', (_, object) => {
    expect(podSpecsOf([object]).flatMap(podProblems)).toHaveLength(1)
  })
})

describe('the check of what names what', () => {
  const service = (selector: object, targetPort: string): object => ({
    kind: 'Service',
    metadata: { name: 'backup', labels: LABELS },
    spec: { selector, ports: [{ targetPort }] },
  })
  const policy = (about: object, from: object): object => ({
    kind: 'NetworkPolicy',
    metadata: { name: 'backup' },
    spec: { podSelector: { matchLabels: about }, ingress: [{ from: [{ podSelector: { matchLabels: from } }] }] },
  })
  const pod = deployment({}, { ports: [{ name: 'http', containerPort: 8080 }] })

  test('finds nothing where all is well', () => {
    expect(wiringProblems([pod, service(LABELS, 'http'), policy({ backup: 'true' }, LABELS)])).toEqual([])
  })

  test.each([
    ['a Service without a pod', service({ app: 'other' }, 'http'), 'Service selector'],
    ['a Service of a port that is not there', service(LABELS, 'metrics'), 'Service port'],
    ['a policy for somebody else', policy({ backup: 'true' }, { app: 'other' }), 'NetworkPolicy is about our pods'],
  ])('finds %s', (_, object, problem) => {
    expect(wiringProblems([pod, object])).toEqual([problem])
  })
})

describe('a Template is processed', () => {
  const template = {
    objects: [{ name: '${A}-${B}', count: '${{N}}', nested: [{ flag: '${{F}}' }], untouched: 3 }],
    parameters: [
      { name: 'A', required: true },
      { name: 'B', value: 'b' },
      { name: 'N', value: '5' },
      { name: 'F', value: 'false' },
    ],
  }

  test('with text in texts, and whole values where there are two braces', () => {
    const { objects, problems } = processTemplate(template, { A: '1' })

    expect(objects).toEqual([{ name: '1-b', count: 5, nested: [{ flag: false }], untouched: 3 }])
    expect(problems).toEqual([])
  })

  test.each([
    ['required', template, {}, 'parameter A is required and must be specified'],
    ['unknown', template, { A: '1', C: '2' }, 'unknown parameter name C'],
    ['not used', { ...template, objects: ['${A} ${B} ${N}'] }, { A: '1' }, 'F is a parameter and is not used'],
    [
      'not declared',
      { ...template, objects: ['${A} ${B} ${N} ${F} ${G}'] },
      { A: '1' },
      'G is used and is no parameter',
    ],
  ])('and says what is %s', (_, given, values, problem) => {
    expect(processTemplate(given, values as Record<string, string>).problems).toEqual([problem])
  })
})
