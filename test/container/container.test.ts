import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

/** What each folder here shows of the image, which runs as on OpenShift: an arbitrary user, a read-only root, no rights. */
const CASES: Readonly<Record<string, string>> = {
  'image-contents':
    'FM40 the image holds what the program calls and nothing else, and no file that its user may change',
  release:
    'FM228 what is published of the image is listed whole, has the hashes that it says, and loads where nothing else is',
  'first-backup':
    'FM40 a user without a name backs up, proves and restores, with nothing to write to but two volumes and /tmp',
  'cron-with-proof':
    'FM40 the service backs up and proves by its schedules, takes a new backup.conf over, and ends with 143',
  'beside-the-service': 'FM20 a shell beside the service lists, and does not dump what the service is dumping',
  'stopped-in-a-dump': 'FM39 a pod that is stopped in a dump ends with 143 and leaves nothing half-written',
  'volume-full': 'FM03 a volume that fills in a dump costs that dump only',
  'volume-of-the-bash-tool': 'FM87 a volume of the bash tool is listed, proved, restored and pruned',
  'killed-and-restarted': 'FM21 a container that was killed in a dump makes up for it when it is started again',
  'no-zombies': 'FM39 of 500 orphans none is left as a zombie',
  'environment-unseen': 'FM118 another process of the same user cannot read the environment of the program',
  'with-postgis':
    'FM199 an image that is built with the packages of extensions proves and restores a database with PostGIS',
  'memory-limit': 'FM43 a dump of 1 GB and its children get along with 256 MiB, and the proof with 1 GiB',
}

const image = process.env.IMAGE
const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter(entry => entry.isDirectory())

describe('the image', () => {
  test('is built, and each case has its line here', () => {
    expect(image, 'run scripts/image-test').toBeDefined()
    expect(folders.map(folder => folder.name).sort()).toEqual(Object.keys(CASES).sort())
  })

  test.concurrent.each(Object.entries(CASES))('%s: %s', async (folder, _) => {
    await expect(promisify(execFile)(path.join(import.meta.dirname, folder, 'run'))).resolves.toBeDefined()
  })
})
