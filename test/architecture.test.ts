import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = path.resolve(import.meta.dirname, '../src')

const EDGE =
  /^node:(fs|fs\/promises|net|tls|http|https|dns|child_process|process|timers|timers\/promises|worker_threads|os)$/

/** What a folder of src/ may import of ours besides itself, and why that is not more. */
const MAY_IMPORT: Readonly<Record<string, { readonly folders: readonly string[]; readonly why: string }>> = {
  system: { folders: [], why: 'it wraps the machine and knows nothing of backups' },
  config: { folders: ['errors.ts', 'system'], why: 'it turns text into settings, from time zones at the most' },
  sql: { folders: ['errors.ts'], why: 'it reads dump text and knows nothing else' },
  proof: {
    folders: ['errors.ts', 'events.ts', 'sql'],
    why: 'it fingerprints what the SQL scanner sees, and its verdict is data for events',
  },
  schedule: {
    folders: ['config', 'errors.ts', 'events.ts', 'cli.ts', 'system'],
    why: 'the command of a crontab line is an argv',
  },
  postgres: {
    folders: ['config', 'errors.ts', 'events.ts', 'system', 'sql'],
    why: "it reads pg_dumpall's text with the SQL scanner",
  },
  archive: {
    folders: ['config', 'errors.ts', 'events.ts', 'system', 'sql'],
    why: "it looks for a dump's trailer with the SQL scanner",
  },
  catalog: {
    folders: ['config', 'errors.ts', 'events.ts', 'system', 'proof'],
    why: "a manifest holds the proof stage's fingerprint (its type)",
  },
  notifications: {
    folders: ['config', 'errors.ts', 'events.ts', 'system', 'terminal'],
    why: 'a message gives sizes and durations as the screen does',
  },
  status: {
    folders: ['errors.ts', 'events.ts', 'system'],
    why: 'it keeps and shows what happened; commands gather it from the other stages',
  },
  destinations: {
    folders: ['config', 'errors.ts', 'events.ts', 'system'],
    why: 'it brings files somewhere else and back, and knows nothing of what is in them',
  },
  terminal: { folders: ['errors.ts', 'events.ts', 'system'], why: 'it shows events, and decides nothing' },
}

/** Files that decide and never act: they may not touch the machine nor read the clock. */
const PURE = [
  /^(cli|plan|events|errors|exit-codes)\.ts$/,
  /^config\//,
  /^sql\//,
  /^proof\//,
  /^schedule\/(?!loop\.ts)/,
  /^notifications\/(occurrence|notice|message|earlier|judge|run-lines|digest|immediate|destination-lines|service-messages|notices-of|message-text|cut-lines|notifier|post|answer|delivery|chat|pagerduty|healthcheck|channels|limits|late-notice|retry|rate-limit)\.ts$/,
  /^status\/(history-line|metrics-table|metrics-text|routes|service-status)\.ts$/,
  /^catalog\/(names|tiers|retention)\.ts$/,
]

interface SourceFile {
  readonly name: string
  readonly text: string
  readonly imports: readonly string[]
}

const files: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => {
    const text = readFileSync(path.join(SRC, name), 'utf8')
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
    return { name, text, imports }
  })

const stageOf = (name: string): string => name.split('/')[0] ?? name

describe('the house', () => {
  test.each(files)('$name imports only what its place allows', file => {
    const own = file.imports.filter(target => target.startsWith('.'))
    const targets = own.map(target => path.posix.join(path.posix.dirname(file.name), target))
    const rule = MAY_IMPORT[stageOf(file.name)]

    const forbidden = targets.filter(target => {
      if (target === 'main.ts') return true
      if (rule === undefined) return false
      return stageOf(target) !== stageOf(file.name) && !rule.folders.includes(stageOf(target))
    })

    expect(forbidden, `src/${file.name}: ${rule?.why ?? 'nobody imports main.ts'}`).toEqual([])
  })

  test.each(files.filter(file => PURE.some(pattern => pattern.test(file.name))))('$name is pure', file => {
    const acting = file.imports.filter(target => EDGE.test(target))
    const clock = file.text.match(
      /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bprocess\.|performance\.now/g,
    )

    expect(acting, 'a decider takes values; whoever calls it touches the machine').toEqual([])
    expect(clock, '`now` and the environment are parameters').toBeNull()
  })

  test('every folder of src/ has a rule here, or is one of the two that wire the others', () => {
    const folders = new Set(files.filter(file => file.name.includes('/')).map(file => stageOf(file.name)))

    const without = [...folders].filter(folder => MAY_IMPORT[folder] === undefined && folder !== 'commands')

    expect(without).toEqual([])
  })

  test('the module list in docs/design.md is the tree', () => {
    const text = readFileSync(path.resolve(SRC, '../docs/design.md'), 'utf8')
    const listed = [...text.matchAll(/^\| `src\/([^`]+?)\/?` \|/gm)].map(match => match[1])
    const there = new Set(files.map(file => stageOf(file.name)))

    expect([...listed].sort()).toEqual([...there].sort())
  })
})
