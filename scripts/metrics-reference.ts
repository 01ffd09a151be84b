import { writeFileSync } from 'node:fs'
import { METRICS } from '../src/status/metrics-table.ts'

/** Where the reference stands in the repository. */
export const REFERENCE_FILE = new URL('../docs/reference/metrics.md', import.meta.url)

/** The page about health and metrics, from the table in src/status/metrics-table.ts. */
export function metricsReference(): string {
  const rows = METRICS.map(({ name, type, of, help }) => {
    return `| \`${name}\` | ${type} | ${of === 'database' ? '`database`' : ''} | ${help} |`
  })
  return [INTRODUCTION, '| name | type | label | meaning |', '|---|---|---|---|', ...rows, ALARMS].join('\n')
}

const INTRODUCTION = `# Health and metrics

<!-- Generated from src/status/metrics-table.ts by scripts/metrics-reference.ts: change the table, then run the script. -->

The service (\`backup\` without a mode) answers GET and HEAD on \`HTTP_PORT\`, without TLS and without a password: what is
there holds no secret and no path, but it names databases. Keep it inside the cluster.

| path | answer |
|---|---|
| \`/livez\` | 200 while the scheduler looks at its clock, else 503. It depends on no database and on no volume: restarting the container mends neither |
| \`/readyz\` | 200 when the configuration has no problem and a file can be written on the volume, else 503 with the reason |
| \`/metrics\` | the metrics below, in Prometheus' text format |
| \`/status.json\` | the same and more for people and scripts: schedules with their next run, what runs and what waits, each database, the digest of \`backup.conf\` as it is used |

What is said of a database comes from the manifests on the volume and from the history in \`.backup/runs.jsonl\`, read at
the start, after every run and every five minutes: a restart does not blank it, and a backup that somebody else made
counts. A metric without a value is left out. Counters begin at 0 when the process starts.

## Metrics
`

const ALARMS = `
## Alarms

The age of the last success is what to watch, and an alarm must also go off when nothing is scraped:

\`\`\`
time() - backup_last_success_timestamp_seconds > on (instance) group_left () 1.5 * backup_expected_interval_seconds
absent(backup_last_success_timestamp_seconds)
backup_last_verification_verdict == 0
backup_volume_writable == 0 or backup_configuration_refused == 1
\`\`\`
`

if (import.meta.main) writeFileSync(REFERENCE_FILE, metricsReference())
