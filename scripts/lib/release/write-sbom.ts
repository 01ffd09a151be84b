// Prints the SPDX list of an image whose root is mounted: write-sbom.ts ROOT VERSION REVISION CREATED NODE_VERSION
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { DPKG_FORMAT, debianComponents, npmComponents, spdxDocument } from './spdx.ts'

const [root = '', version = '', revision = '', created = '', nodeVersion = ''] = process.argv.slice(2)

const dpkg = execFileSync(
  'dpkg-query',
  ['--admindir', join(root, 'var/lib/dpkg'), '--show', `--showformat=${DPKG_FORMAT}`],
  { encoding: 'utf8', maxBuffer: 64e6 },
)
const lockfile = readFileSync(join(root, 'opt/backup/node_modules/.package-lock.json'), 'utf8')
const os = parseEnv(readFileSync(join(root, 'etc/os-release'), 'utf8'))
const distribution = { id: os.ID ?? 'debian', version: os.VERSION_ID ?? '' }
const components = [...debianComponents(dpkg), ...npmComponents(lockfile)]
const document = spdxDocument(components, { version, revision, created, nodeVersion, distribution })
process.stdout.write(`${JSON.stringify(document, null, 1)}\n`)
