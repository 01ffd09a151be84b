import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseDuration } from '../../src/config/duration.ts'
import { SETTINGS } from '../../src/config/settings-table.ts'
import { type ChartRenderer, createChartRenderer, valuesProblems } from '../support/helm-chart.ts'
import { objectProblems } from '../support/object-problems.ts'
import { type Container, containerOf, nameOf, podProblems, podSpecsOf } from '../support/pods.ts'
import { wiringProblems } from '../support/wiring.ts'

const VALUES = path.join(import.meta.dirname, 'values')
const BCGOV = path.join(VALUES, 'bcgov-style.yaml')
const EVERYTHING = path.join(VALUES, 'everything.yaml')
const CRONJOB = path.join(VALUES, 'cronjob.yaml')

let chart: ChartRenderer

// The first build compiles sprig and what it needs.
beforeAll(async () => {
  chart = await createChartRenderer()
}, 300_000)

afterAll(async () => {
  await chart[Symbol.asyncDispose]()
})

describe.each([
  ['its defaults', []],
  ['the values of a user of the chart before it', [BCGOV]],
  ['everything switched on', [EVERYTHING]],
  ['CronJobs', [CRONJOB]],
])('the chart with %s', (_, files) => {
  test('accepts the values', () => {
    const values: readonly unknown[] = files.map(file => parse(readFileSync(file, 'utf8')))

    expect(valuesProblems(values[0] ?? {})).toEqual([])
  })

  test('makes objects that a cluster would take', async () => {
    const objects = await chart.render(...files)

    for (const object of objects) {
      expect(await objectProblems(object), `${nameOf(object).kind} ${nameOf(object).metadata.name}`).toEqual([])
    }
    expect(podSpecsOf(objects).flatMap(podProblems)).toEqual([])
    expect(wiringProblems(objects)).toEqual([])
  })

  test('FM39 gives each pod ten seconds more than a run has to end', async () => {
    for (const pod of podSpecsOf(await chart.render(...files))) {
      const grace = parseDuration(variable(containerOf(pod), 'SHUTDOWN_GRACE') ?? '') ?? 0
      expect(grace).toBeGreaterThan(60_000)
      expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(grace + 10_000)
    }
  })

  test('keeps the backups when it is removed', async () => {
    const objects = await chart.render(...files)

    const backups = objects.filter(object => nameOf(object).metadata.name.endsWith('-backup-pvc'))
    for (const claim of backups) {
      expect(claim).toMatchObject({ metadata: { annotations: { 'helm.sh/resource-policy': 'keep' } } })
    }
  })
})

describe('the notes', () => {
  test.each([
    ['the service', []],
    ['CronJobs', [CRONJOB]],
  ])('of %s name what the chart makes, and what is a flag', async (_, files) => {
    const notes = await chart.notes(...files)

    const made = (await chart.render(...files)).map(object => nameOf(object))
    const names = made.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    const named = [...notes.matchAll(/(deploy|cronjob)\/([\w-]+)/g)].map(([, kind, name]) => {
      return `${kind === 'deploy' ? 'Deployment' : 'CronJob'} ${name}`
    })
    expect(named.length).toBeGreaterThanOrEqual(2)
    expect(named.filter(each => !names.includes(each))).toEqual([])
    expect(notes).toContain('helm uninstall leaves the claim wallet-backup-storage-backup-pvc.')
  })
})

describe('with mode: cronjob the chart', () => {
  test('makes a CronJob for backups and one for proofs, whose volume is their own, and no pod that stays', async () => {
    const objects = await chart.render(CRONJOB)
    const jobs = objects.filter(object => nameOf(object).kind === 'CronJob')
    const [backup, verify] = podSpecsOf(jobs)

    expect(objects.map(object => nameOf(object).kind)).not.toContain('Deployment')
    expect(objects.map(object => nameOf(object).kind)).not.toContain('Service')
    expect([backup, verify].map(pod => pod && containerOf(pod).args)).toEqual([['-s'], ['-s', '-v', 'all']])
    expect(jobs.map(job => JSON.stringify(job).includes('activeDeadlineSeconds'))).toEqual([false, false])
    for (const job of jobs) {
      expect(job).toMatchObject({
        spec: {
          concurrencyPolicy: 'Forbid',
          timeZone: 'America/Vancouver',
          jobTemplate: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } } },
        },
      })
    }
    expect(verify?.volumes.find(({ name }) => name === 'verification-vol')).toHaveProperty('ephemeral')
    expect(backup?.volumes.map(({ name }) => name)).not.toContain('verification-vol')
    expect(objects.map(object => nameOf(object).metadata.name)).not.toContain('wallet-backup-storage-verification-pvc')
  })
})

describe('helm test', () => {
  test.each([
    ['the service', []],
    ['CronJobs', [CRONJOB]],
  ])('of %s is a Job that checks the configuration once, with all volumes', async (_, files) => {
    const job = (await chart.render(...files)).find(object => nameOf(object).kind === 'Job')
    const [pod] = podSpecsOf([job])

    expect(job).toMatchObject({ metadata: { annotations: { 'helm.sh/hook': 'test' } }, spec: { backoffLimit: 0 } })
    expect(pod && containerOf(pod).args).toEqual(['-c', '--check'])
    expect(pod?.volumes.map(({ name }) => name)).toEqual(expect.arrayContaining(['backup-vol', 'verification-vol']))
  })

  test('goes to the node of the service, whose volumes may be there only', async () => {
    const job = (await chart.render()).find(object => nameOf(object).kind === 'Job')

    expect(podSpecsOf([job])[0]?.affinity).toHaveProperty(
      'podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey',
      'kubernetes.io/hostname',
    )
  })
})

describe('the chart', () => {
  test('mounts Secrets as files, and gives no variable of the same secret besides', async () => {
    const container = await containerWith(EVERYTHING)

    expect(variable(container, 'DATABASE_PASSWORD_FILE')).toBe('/secrets/DATABASE_PASSWORD/password-superuser')
    expect(container.env.map(({ name }) => name)).not.toContain('DATABASE_PASSWORD')
    expect(container.volumeMounts).toContainEqual({
      name: 'secret-database-password',
      mountPath: '/secrets/DATABASE_PASSWORD',
      readOnly: true,
    })
  })

  test('mounts a claim of the application, which it does not make, read-only', async () => {
    const objects = await chart.render(EVERYTHING)

    expect((await containerWith(EVERYTHING)).volumeMounts).toContainEqual({
      name: 'uploads-vol',
      mountPath: '/application/uploads',
      readOnly: true,
    })
    expect(objects.map(object => nameOf(object).metadata.name)).not.toContain('wallet-backup-storage-uploads-pvc')
  })

  test('lets its pods reach DNS, the databases and what is listed, where egress is closed', async () => {
    const objects = await chart.render(EVERYTHING)

    const policy = objects.find(object => nameOf(object).metadata.name === 'wallet-backup-storage-egress')
    expect(policy).toMatchObject({
      spec: {
        policyTypes: ['Egress'],
        podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'wallet' } },
        egress: [
          { ports: [{ port: 53 }, { port: 53 }, { port: 5353 }, { port: 5353 }] },
          { to: [{ podSelector: { matchLabels: { backup: 'true' } } }], ports: [{ port: 5432 }] },
          { to: [{ ipBlock: { cidr: '192.0.2.10/32' } }], ports: [{ port: 443 }] },
        ],
      },
    })
  })

  test('every variable of its own is a setting', async () => {
    const names = (await containerWith()).env.map(each => each.name)

    expect(names.filter(name => !(name in SETTINGS))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  test('an upgrade from the chart before it finds claims and selectors again', async () => {
    const objects = await chart.render()

    const names = objects.map(object => `${nameOf(object).kind} ${nameOf(object).metadata.name}`)
    expect(names).toContain('PersistentVolumeClaim wallet-backup-storage-backup-pvc')
    expect(names).toContain('PersistentVolumeClaim wallet-backup-storage-verification-pvc')
    expect(objects).toContainEqual(
      expect.objectContaining({
        kind: 'Deployment',
        spec: expect.objectContaining({
          selector: {
            matchLabels: { 'app.kubernetes.io/name': 'backup-storage', 'app.kubernetes.io/instance': 'wallet' },
          },
        }),
      }),
    )
  })

  test('FM36 backup.conf is mounted as a folder even where it lay in the root folder', async () => {
    const container = await containerWith(BCGOV)

    expect(variable(container, 'BACKUP_CONF')).toBe('/conf/backup.conf')
    expect(container.volumeMounts).toContainEqual({ name: 'config-vol', mountPath: '/conf', readOnly: true })
  })

  test('FM40 the scratch server of a verification has a volume', async () => {
    const container = await containerWith()

    const mounted = container.volumeMounts.find(each => each.mountPath === variable(container, 'VERIFICATION_DIR'))
    expect(mounted?.name).toBe('verification-vol')
  })

  test('values without quotes, empty ones and removed ones reach the program as they were written', async () => {
    const container = await containerWith(BCGOV)

    expect(variable(container, 'NUM_BACKUPS')).toBe('1000000')
    expect(variable(container, 'TZ')).toBe('America/Vancouver')
    expect(container.env.map(each => each.name)).not.toContain('BACKUP_PERIOD')
  })

  test('what is secure stands in the Secret only', async () => {
    const objects = await chart.render(BCGOV)

    const secret = objects.find(object => nameOf(object).kind === 'Secret')
    expect(secret).toMatchObject({ data: { 'webhook-url': btoa('https://chat.example.net/hooks/1') } })
    expect(JSON.stringify(objects.filter(object => object !== secret))).not.toContain('chat.example.net')
  })

  test.each([
    ['a name that nobody knows', { persistance: {} }, 'persistance'],
    ['a count of seconds that is a text', { shutdownGraceSeconds: '5m' }, 'shutdownGraceSeconds'],
    ['files of other servers', { config: [{ filename: 'a' }] }, 'config'],
    ['a variable that another value sets', { env: { SHUTDOWN_GRACE: { value: '1h' } } }, 'SHUTDOWN_GRACE'],
    ['a mode that there is not', { mode: 'daemon' }, 'mode'],
    ['a secret without its key', { secretFiles: { WALLET_DB_PASSWORD: { name: 'wallet-db' } } }, 'key'],
    ['a volume mounted nowhere', { persistence: { backup: { mountPath: 'backups' } } }, 'persistence.backup.mountPath'],
  ])('its schema refuses %s', (_, values, place) => {
    expect(valuesProblems(values).join('\n')).toContain(place)
  })
})

async function containerWith(...files: readonly string[]): Promise<Container> {
  const [pod] = podSpecsOf(await chart.render(...files))
  if (pod === undefined) throw new Error('a Deployment is expected')
  return containerOf(pod)
}

function variable(container: Container | undefined, name: string): string | undefined {
  return container?.env.find(each => each.name === name)?.value
}
