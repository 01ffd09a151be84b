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

  test('FM39 gives the pod ten seconds more than a run has to end', async () => {
    const [pod] = podSpecsOf(await chart.render(...files))

    const grace = parseDuration(variable(pod && containerOf(pod), 'SHUTDOWN_GRACE') ?? '') ?? 0
    expect(grace).toBeGreaterThan(60_000)
    expect((pod?.terminationGracePeriodSeconds ?? 0) * 1000).toBeGreaterThanOrEqual(grace + 10_000)
  })

  test('keeps the backups when it is removed', async () => {
    const objects = await chart.render(...files)

    const backups = objects.filter(object => nameOf(object).metadata.name.endsWith('-backup-pvc'))
    for (const claim of backups) {
      expect(claim).toMatchObject({ metadata: { annotations: { 'helm.sh/resource-policy': 'keep' } } })
    }
  })
})

describe('the chart', () => {
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
