import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { readDestinations } from '../../../src/config/destination-settings.ts'
import { dropEmpty, readSettings } from '../../../src/config/setting-values.ts'
import { openDestination } from '../../../src/destinations/destinations.ts'
import { systemClock } from '../../../src/system/clock.ts'

/** In a run it comes from the manifest; the bench's servers can't compare it. */
const SHA256 = '0'.repeat(64)

/** Sends one file to the one destination that the environment names, for `scripts/bench upload`. */
async function sendFile(file: string): Promise<void> {
  const env = dropEmpty(process.env)
  const readSecretFile = (name: string): string => readFileSync(name, 'utf8')
  const { destinations, problems } = readDestinations(readSettings(env).values, { env, readSecretFile })
  const [settings] = destinations
  if (settings === undefined) throw new Error(`no destination: ${JSON.stringify(problems)}; expected one`)
  await using destination = openDestination(settings, { clock: systemClock, env, backOffMs: [] })
  const source = { path: file, bytes: (await stat(file)).size, sha256: SHA256 }
  await destination.put({ name: path.basename(file), source }, new AbortController().signal)
}

await sendFile(process.argv[2] ?? '')
