import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseDuration } from '../../src/config/duration.ts'
import { SETTINGS } from '../../src/config/settings-table.ts'
import { objectProblems } from '../support/object-problems.ts'
import { processTemplate, readTemplate, type Template } from '../support/openshift-template.ts'
import { containerOf, nameOf, podProblems, podSpecsOf } from '../support/pods.ts'
import { wiringProblems } from '../support/wiring.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../openshift/templates')
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))
const read = (name: string): Template => readTemplate(path.join(FOLDER, name))

/** Parameters without a default: what nobody but the user can know. */
const UNKNOWABLE = { IMAGE_NAMESPACE: 'abc123-tools', GIT_REPO_URL: 'https://git.example.net/backup-container.git' }

/** Another value than the default, of the same kind, for every parameter. */
const OTHER_VALUES: Readonly<Record<string, string>> = {
  BACKUP_STRATEGY: 'daily',
  BACKUP_VOLUME_SIZE: '20Gi',
  BACKUP_VOLUME_ACCESS_MODE: 'ReadWriteMany',
  VERIFICATION_VOLUME_SIZE: '30Gi',
  VERIFICATION_VOLUME_MOUNT_PATH: '/scratch',
  BACKUP_DIR: '/volume/',
  CONFIG_MOUNT_PATH: '/configuration',
  CPU_REQUEST: '200m',
  CPU_LIMIT: '3',
  MEMORY_REQUEST: '300Mi',
  MEMORY_LIMIT: '3Gi',
  TZ: 'UTC',
  SHUTDOWN_GRACE: '100s',
  SCHEDULE: '5 2 * * *',
  VERIFY_SCHEDULE: '5 5 * * *',
}

describe.each(NAMES)('%s', name => {
  const template = read(name)
  const required = Object.fromEntries(
    template.parameters.filter(({ name }) => name in UNKNOWABLE).map(({ name }) => [name, UNKNOWABLE[name as never]]),
  )

  test('is a Template', async () => {
    expect(await objectProblems(template)).toEqual([])
  })

  test.each([
    ['its defaults', required],
    ['every parameter set', everyParameter(template)],
  ])('with %s it makes objects that a cluster would take', async (_, given) => {
    const { objects, problems } = processTemplate(template, given)

    expect(problems).toEqual([])
    for (const object of objects) {
      expect(await objectProblems(object), `${nameOf(object).kind} ${nameOf(object).metadata.name}`).toEqual([])
    }
    expect(podSpecsOf(objects).flatMap(podProblems)).toEqual([])
    expect(wiringProblems(objects)).toEqual([])
  })

  test('every parameter has an effect, and nothing else is left to fill in', () => {
    const usual = JSON.stringify(processTemplate(template, required).objects)

    const idle = Object.entries(everyParameter(template)).filter(([parameter, value]) => {
      return JSON.stringify(processTemplate(template, { ...required, [parameter]: value }).objects) === usual
    })

    expect(idle).toEqual([])
    expect(usual).not.toContain('${')
  })

  test('without a parameter that only the user can know it says so', () => {
    const { problems } = processTemplate(template)

    const names = Object.keys(required)
    expect(problems).toEqual(names.map(each => `parameter ${each} is required and must be specified`))
  })

  test('every variable of a pod is a setting', () => {
    const { objects } = processTemplate(template, required)

    const names = [
      ...podSpecsOf(objects).flatMap(pod => containerOf(pod).env.map(each => each.name)),
      ...keysOf(objects),
    ]
    expect(names.filter(each => !(each in SETTINGS) || 'obsolete' in SETTINGS[each as keyof typeof SETTINGS])).toEqual(
      [],
    )
  })

  test('secrets come from Secrets only', () => {
    const { objects } = processTemplate(template, required)

    const env = podSpecsOf(objects).flatMap(pod => containerOf(pod).env)
    const plain = env.filter(each => each.value !== undefined && isSecret(each.name))
    const configMaps = objects.filter(object => nameOf(object).kind === 'ConfigMap')

    expect(plain).toEqual([])
    expect(keysOf(configMaps).filter(isSecret)).toEqual([])
  })
})

describe('the service', () => {
  const [pod] = podSpecsOf(processTemplate(read('backup-deploy.yaml'), UNKNOWABLE).objects)
  if (pod === undefined) throw new Error('a Deployment is expected')
  const container = containerOf(pod)

  test('FM39 the pod gets ten seconds more than a run has to end', () => {
    const grace = container.env.find(each => each.name === 'SHUTDOWN_GRACE')?.value ?? ''

    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual((parseDuration(grace) ?? 0) + 10_000)
    expect(parseDuration(grace)).toBeGreaterThan(60_000)
  })

  test('FM40 the scratch server of a verification has a volume', () => {
    const folder = container.env.find(each => each.name === 'VERIFICATION_DIR')?.value
    const mount = container.volumeMounts.find(each => each.mountPath === folder)

    expect(pod.volumes.find(each => each.name === mount?.name)).toHaveProperty('persistentVolumeClaim')
  })

  test('its liveness depends on no database and no volume', () => {
    expect(container.livenessProbe?.httpGet).toMatchObject({ path: '/livez', port: 'http' })
    expect(container.readinessProbe?.httpGet).toMatchObject({ path: '/readyz', port: 'http' })
    expect(container.ports).toMatchObject([{ name: 'http', containerPort: Number(SETTINGS.HTTP_PORT.default) }])
  })
})

describe.each(['backup-cronjob.yaml', 'backup-cronjob-indexed.yaml'])('the CronJobs of %s', name => {
  const { objects } = processTemplate(read(name), UNKNOWABLE)
  const cronJobs = objects.filter(object => nameOf(object).kind === 'CronJob')
  const [backup, verification] = podSpecsOf(objects).map(containerOf)

  test('make backups and verify them', () => {
    expect(backup?.args).toEqual(['-s'])
    expect(verification?.args).toEqual(['-s', '-v', 'all'])
  })

  test('fail when the run fails, never overlap, and are not killed for being long', () => {
    for (const object of cronJobs) {
      expect(object).toMatchObject({
        spec: {
          concurrencyPolicy: 'Forbid',
          jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never' } } } },
        },
      })
      expect(JSON.stringify(object)).not.toContain('activeDeadlineSeconds')
    }
  })

  test('FM40 each verification has a volume of its own for the scratch server', () => {
    const [, pod] = podSpecsOf(objects)
    const folder = verification?.env.find(each => each.name === 'VERIFICATION_DIR')?.value
    const mount = verification?.volumeMounts.find(each => each.mountPath === folder)

    expect(pod?.volumes.find(each => each.name === mount?.name)).toHaveProperty('ephemeral')
  })
})

describe('the Indexed Job', () => {
  const { objects } = processTemplate(read('backup-cronjob-indexed.yaml'), { ...UNKNOWABLE, SHARD_COUNT: '7' })
  const cronJobs = objects.filter(object => nameOf(object).kind === 'CronJob')

  test('has one pod for each shard', () => {
    for (const object of cronJobs) {
      expect(object).toMatchObject({ spec: { jobTemplate: { spec: { completionMode: 'Indexed', completions: 7 } } } })
    }
    for (const pod of podSpecsOf(objects)) {
      expect(containerOf(pod).env).toContainEqual({ name: 'SHARD_COUNT', value: '7' })
    }
  })

  test('FM42 a shard that fails does not end the others', () => {
    for (const object of cronJobs) {
      expect(object).toMatchObject({ spec: { jobTemplate: { spec: { backoffLimitPerIndex: 0 } } } })
      expect(object).not.toHaveProperty('spec.jobTemplate.spec.backoffLimit')
      expect(object).not.toHaveProperty('spec.jobTemplate.spec.maxFailedIndexes')
    }
  })
})

test('the objects in docs/how-to/openshift.md are what a cluster would take', async () => {
  const page = readFileSync(path.resolve(FOLDER, '../../docs/how-to/openshift.md'), 'utf8')
  const objects = [...page.matchAll(/<<'YAML'\n(.*?)\nYAML\n/gs)].map(([, text = '']) => parse(text) as unknown)

  expect(objects).not.toEqual([])
  for (const object of objects) expect(await objectProblems(object)).toEqual([])
})

test('docs/how-to/openshift.md gives only parameters that the templates have', () => {
  const page = readFileSync(path.resolve(FOLDER, '../../docs/how-to/openshift.md'), 'utf8')
  const commands = page.matchAll(/oc process -f openshift\/templates\/(\S+)((?:[^|\n]|\\\n)*)/g)

  const unknown = [...commands].flatMap(([, name = '', rest = '']) => {
    const known = new Set(read(name).parameters.map(parameter => parameter.name))
    return [...rest.matchAll(/-p (\w+)=/g)].flatMap(([, given = '']) => (known.has(given) ? [] : [`${name} ${given}`]))
  })

  expect(unknown).toEqual([])
})

function everyParameter({ parameters }: Template): Readonly<Record<string, string>> {
  return Object.fromEntries(parameters.map(({ name, value }) => [name, OTHER_VALUES[name] ?? otherThan(name, value)]))
}

function otherThan(name: string, value = ''): string {
  if (value === 'true' || value === 'false') return value === 'true' ? 'false' : 'true'
  if (/^\d+$/.test(value)) return String(Number(value) + 1)
  return `other-${name.toLowerCase().replaceAll('_', '-')}`
}

/** The keys of ConfigMaps and Secrets that are variables, and not names of their own such as ftp-url. */
function keysOf(objects: readonly unknown[]): readonly string[] {
  const all = objects as readonly { readonly data?: object; readonly stringData?: object }[]
  return all.flatMap(({ data, stringData }) => Object.keys(data ?? stringData ?? {})).filter(key => !/^[a-z]/.test(key))
}

function isSecret(name: string): boolean {
  const setting = SETTINGS[name as keyof typeof SETTINGS]
  return setting !== undefined && 'secret' in setting
}
