import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'

const ROOT = path.resolve(import.meta.dirname, '../..')
const CHART = path.join(ROOT, 'openshift/chart')
const SOURCE = path.join(import.meta.dirname, 'helm-render/main.go')

/** Renders our chart. Release it when done. */
export interface ChartRenderer extends AsyncDisposable {
  /** The objects that `helm template` would print with these files of values; rejects where Helm would stop. */
  render(...valuesFiles: readonly string[]): Promise<readonly unknown[]>
  /** What `helm install` would say at its end. */
  notes(...valuesFiles: readonly string[]): Promise<string>
}

/** Builds the renderer from `helm-render/main.go`: Helm itself is in no package, what it is made of is (`scripts/setup test`). */
export async function createChartRenderer(): Promise<ChartRenderer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'helm-render-'))
  const program = path.join(folder, 'render')
  const cache = path.join(ROOT, 'node_modules/.cache/go-build')
  const env = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: cache, GOFLAGS: '' }
  await execa('go', ['build', '-o', program, SOURCE], { env })
  const RELEASE = [CHART, 'wallet', 'abc123-dev']
  return {
    async render(...valuesFiles) {
      return objectsIn((await execa(program, [...RELEASE, ...valuesFiles])).stdout)
    },
    async notes(...valuesFiles) {
      return (await execa(program, ['--notes', ...RELEASE, ...valuesFiles])).stdout
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What the chart's schema says against the chart's values with those of a file over them, as Helm checks them. */
export function valuesProblems(given: unknown): readonly string[] {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(path.join(CHART, 'values.schema.json'), 'utf8')))
  const values = merged(parse(readFileSync(path.join(CHART, 'values.yaml'), 'utf8')), given)
  const issues = schema.safeParse(values).error?.issues ?? []
  return issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
}

function objectsIn(text: string): readonly unknown[] {
  return parseAllDocuments(text).flatMap(document => {
    if (document.errors.length > 0) throw new Error(`the chart renders broken YAML: ${document.errors[0]?.message}`)
    return (document.toJS() as unknown) ?? []
  })
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Maps are merged, everything else is replaced, and null removes. */
function merged(into: unknown, from: unknown): unknown {
  if (!isMap(from)) return from
  const entries = new Map<string, unknown>(isMap(into) ? Object.entries(into) : [])
  for (const [key, value] of Object.entries(from)) {
    if (value === null) entries.delete(key)
    else entries.set(key, merged(entries.get(key), value))
  }
  return Object.fromEntries(entries)
}
