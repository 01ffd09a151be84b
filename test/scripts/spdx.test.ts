import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  DPKG_FORMAT,
  debianComponents,
  type ImageFacts,
  npmComponents,
  spdxDocument,
} from '../../scripts/lib/release/spdx.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

const FACTS: ImageFacts = {
  version: '0.1.0',
  revision: '8d3f0c1',
  created: '2026-11-27T12:00:00Z',
  nodeVersion: '24.21.0',
  distribution: { id: 'debian', version: '13' },
}

const id = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/)

/** What SPDX 2.3 asks of a document without files, and of the fields that we write; nothing else may stand there. */
const DOCUMENT = z.strictObject({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: z.string().min(1),
  documentNamespace: z.url().regex(/^[^#]+$/),
  creationInfo: z.strictObject({
    created: z.iso.datetime({ precision: 0 }),
    creators: z.array(z.string().regex(/^(Tool|Person|Organization): ./)).min(1),
  }),
  packages: z.array(
    z.strictObject({
      SPDXID: id,
      name: z.string().min(1),
      versionInfo: z.string().min(1),
      downloadLocation: z.literal('NOASSERTION'),
      filesAnalyzed: z.literal(false),
      licenseConcluded: z.literal('NOASSERTION'),
      licenseDeclared: z.string().min(1),
      copyrightText: z.literal('NOASSERTION'),
      externalRefs: z
        .array(
          z.strictObject({
            referenceCategory: z.literal('PACKAGE-MANAGER'),
            referenceType: z.literal('purl'),
            referenceLocator: z.string().regex(/^pkg:(deb\/debian|npm|generic)\/[^\s@]+@[^\s@]+$/),
          }),
        )
        .length(1),
    }),
  ),
  relationships: z.array(
    z.strictObject({
      spdxElementId: id,
      relationshipType: z.enum(['DESCRIBES', 'CONTAINS']),
      relatedSpdxElement: id,
    }),
  ),
})

function ownDocument(): z.output<typeof DOCUMENT> {
  const dpkg = execFileSync('dpkg-query', ['--show', `--showformat=${DPKG_FORMAT}`], { encoding: 'utf8' })
  const lockfile = readFileSync(path.join(ROOT, 'node_modules/.package-lock.json'), 'utf8')
  return DOCUMENT.parse(spdxDocument([...debianComponents(dpkg), ...npmComponents(lockfile)], FACTS))
}

test('of this machine and this checkout there is a document that SPDX 2.3 allows, with each package once', () => {
  const { packages, relationships } = ownDocument()

  const ids = packages.map(({ SPDXID }) => SPDXID)
  const installed = execFileSync('sh', ['-c', 'dpkg --list | grep -c ^.i'], { encoding: 'utf8' })
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter(each => each.startsWith('SPDXRef-deb-'))).toHaveLength(Number(installed))
  expect(relationships.map(each => each.relatedSpdxElement)).toEqual(ids)
  expect(relationships.slice(1).every(each => each.spdxElementId === ids[0])).toBe(true)
})

test('the packages of package.json are in it, in their exact versions and with their licences', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }

  const found = ownDocument().packages.map(each => `${each.name}@${each.versionInfo} ${each.licenseDeclared}`)

  const missing = Object.entries(dependencies).filter(
    ([name, version]) =>
      !found.some(each => /^(MIT|ISC|Apache-2.0|BSD-\d-Clause)$/.test(each.replace(`${name}@${version} `, ''))),
  )
  expect(missing).toEqual([])
})

test('versions, scopes and names keep what SPDX and purl write in their own way', () => {
  const debian = debianComponents('installed\tlibstdc++6\t1:14.2.0-19\tamd64\ndeinstall\tgone\t1\tall\n')
  const npm = npmComponents(
    JSON.stringify({
      packages: {
        'node_modules/@aws-sdk/core': { version: '3.9.1', license: 'Apache-2.0' },
        'node_modules/a/node_modules/@aws-sdk/core': { version: '3.9.1', license: 'Apache-2.0' },
        'node_modules/server-17': { name: '@embedded/linux', version: '1.0.0-beta.1' },
      },
    }),
  )

  const { packages } = DOCUMENT.parse(spdxDocument([...debian, ...npm], FACTS))

  expect(packages.map(({ externalRefs }) => externalRefs[0]?.referenceLocator)).toEqual([
    'pkg:generic/backup-container@0.1.0',
    'pkg:generic/node@24.21.0',
    'pkg:deb/debian/libstdc%2B%2B6@1%3A14.2.0-19?arch=amd64&distro=debian-13',
    'pkg:npm/%40aws-sdk/core@3.9.1',
    'pkg:npm/%40embedded/linux@1.0.0-beta.1',
  ])
})

test('what is no list of packages is refused, and not passed over', () => {
  expect(() => debianComponents('installed libc6 2.41\n')).toThrow('expected four columns')
})
