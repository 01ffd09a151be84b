import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { bashToolDeployment } from '../support/bash-tool-deployment.ts'
import { objectProblems } from '../support/object-problems.ts'
import { processTemplate, readTemplate } from '../support/openshift-template.ts'
import { containerOf, nameOf, type PodSpec, podProblems, podSpecsOf } from '../support/pods.ts'
import { strategicMerge } from '../support/strategic-merge.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../openshift/templates')

function objectsOf(name: string): readonly unknown[] {
  return processTemplate(readTemplate(path.join(FOLDER, name)), { IMAGE_NAMESPACE: 'abc123-tools' }).objects
}

describe('FM123 applied over the deployment of the bash tool', () => {
  const ours = objectsOf('backup-deploy.yaml').find(object => nameOf(object).kind === 'Deployment')
  const theirs = bashToolDeployment()
  const merged = strategicMerge(theirs, ours)
  /** Not before a test asks: more than one container in it is an error there. */
  const podOf = (object: unknown): PodSpec => podSpecsOf([object])[0] as PodSpec

  test('the deployment leaves one container and one volume of each kind', async () => {
    const pod = podOf(merged)

    expect(pod.containers.map(({ name, image }) => [name, image])).toEqual([
      ['backup-postgres', 'image-registry.openshift-image-registry.svc:5000/abc123-tools/backup-container:latest'],
    ])
    expect(pod.volumes).toEqual(podOf(ours).volumes)
    expect(await objectProblems(merged)).toEqual([])
  })

  test('the selector, which can never change, is the same', () => {
    expect((ours as { spec: { selector: unknown } }).spec.selector).toEqual(
      (theirs as { spec: { selector: unknown } }).spec.selector,
    )
  })

  test('every variable that means something is ours, from one source', () => {
    const { env } = containerOf(podOf(merged))
    const left = env.filter(each => each.value === 'set by the other')

    expect(left.map(each => each.name).toSorted()).toEqual(['MONGODB_AUTHENTICATION_DATABASE', 'TABLE_SCHEMA'])
    expect(env.filter(each => each.value !== undefined && 'valueFrom' in each)).toEqual([])
  })

  test('nothing is left but the old place of backup.conf, which nobody reads', () => {
    const pod = podOf(merged)

    expect(podProblems(pod)).toEqual(['FM36 no subPath: it would never change'])
    expect(containerOf(pod).env).toContainEqual({ name: 'BACKUP_CONF', value: '/conf/backup.conf' })
  })
})

test('FM123 the container of the CronJob has the name of the bash tool’s', () => {
  const pods = podSpecsOf(objectsOf('backup-cronjob.yaml'))

  expect(pods.map(pod => containerOf(pod).name)).toEqual(['backup-postgres-cronjob', 'backup-postgres-cronjob'])
})

describe.each(['backup-deploy.yaml', 'backup-cronjob.yaml', 'backup-cronjob-indexed.yaml'])('FM123 %s', name => {
  const objects = objectsOf(name)

  test('makes no Secret: what was set before stays', () => {
    expect(objects.map(object => nameOf(object).kind)).not.toContain('Secret')
  })

  test('refers to Secrets that may be missing', () => {
    for (const pod of podSpecsOf(objects)) {
      const { env, envFrom } = containerOf(pod)
      const keys = env.flatMap(each => ('valueFrom' in each ? [each.valueFrom] : []))
      const all = envFrom.flatMap(each => each.secretRef ?? [])

      expect([...keys.map(key => (key as { secretKeyRef: unknown }).secretKeyRef), ...all]).not.toEqual([])
      for (const key of keys) expect(key).toMatchObject({ secretKeyRef: { optional: true } })
      for (const secret of all) expect(secret).toMatchObject({ optional: true })
    }
  })
})
