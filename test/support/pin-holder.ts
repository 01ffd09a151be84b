// A run in a process of its own: pins one archive, says so to its parent, and reads on for ever.
import { pinArchive } from '../../src/catalog/pins.ts'
import { systemClock } from '../../src/system/clock.ts'

const [backupDir = '', folder = '', name = ''] = process.argv.slice(2)
const entry = { folder, name, path: `${backupDir}/${folder}/${name}`, stem: 'db-app' }
await pinArchive(entry, { backupDir, runId: 'other-run', clock: systemClock })
process.send?.('pinned')
