import { METRICS, type Metric } from './metrics-table.ts'
import type { ServiceStatus } from './service-status.ts'

/** What a scrape is answered with: the content type of Prometheus' text format, version 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Every metric in Prometheus' text format (prometheus.io, "Exposition formats"). */
export function metricsText(status: ServiceStatus): string {
  return METRICS.map(metric => metricText(metric, status)).join('')
}

function metricText(metric: Metric, status: ServiceStatus): string {
  const samples = samplesOf(metric, status)
  if (samples.length === 0) return ''
  const head = `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n`
  return head + samples.map(({ labels, value }) => `${metric.name}${labels} ${value}\n`).join('')
}

function samplesOf(metric: Metric, status: ServiceStatus): readonly { labels: string; value: number }[] {
  if (metric.of === 'service') {
    const value = metric.value(status)
    return value === null ? [] : [{ labels: '', value }]
  }
  return status.databases.flatMap(database => {
    const value = metric.value(database)
    return value === null ? [] : [{ labels: `{database="${escaped(database.database)}"}`, value }]
  })
}

/** Of a label's value only these three need an escape. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
