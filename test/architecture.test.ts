import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { DESTINATION_NAMES } from '../src/config/destination-settings.ts'

const SRC = path.resolve(import.meta.dirname, '../src')

/** What a folder of src/ may import of ours besides itself, and why that is not more. */
const MAY_IMPORT: Readonly<Record<string, { readonly folders: readonly string[]; readonly why: string }>> = {
  system: { folders: [], why: 'it wraps the machine and knows nothing of backups' },
  config: { folders: ['errors.ts'], why: 'it turns text into settings, and asks nobody' },
  schedule: {
    folders: ['config', 'cli.ts', 'system'],
    why: 'the command of a crontab line is an argv',
  },
  sources: {
    folders: ['archive', 'catalog', 'config', 'errors.ts', 'events.ts', 'system', 'terminal', 'volume-error.ts'],
    why: 'a kind of source knows how it is taken, proved and brought back, and not which run asks for it',
  },
  archive: {
    folders: ['errors.ts', 'events.ts', 'system', 'volume-error.ts'],
    why: 'parts to one file and back, whatever is in them',
  },
  catalog: {
    folders: ['config', 'errors.ts', 'system', 'volume-error.ts'],
    why: 'it knows the volume, and not what the archives on it hold',
  },
  notifications: {
    folders: ['config', 'errors.ts', 'events.ts', 'system', 'terminal'],
    why: 'a message gives sizes and durations as the screen does',
  },
  status: {
    folders: ['config', 'errors.ts', 'events.ts', 'system', 'volume-error.ts'],
    why: 'it keeps and shows what happened, at each destination; commands gather it from the other stages',
  },
  destinations: {
    folders: ['config', 'errors.ts', 'system', 'volume-error.ts'],
    why: 'it brings files somewhere else and back, and knows nothing of what is in them',
  },
  hooks: {
    folders: ['errors.ts', 'system'],
    why: 'it runs programs of the operator, and does not know what for',
  },
  terminal: { folders: ['events.ts', 'system'], why: 'it shows events, and decides nothing' },
}

/** Folders, with all that is below them, and files that decide and never act: whatever they import does not act either. */
const MUST_BE_PURE = [
  'cli.ts',
  'errors.ts',
  'events.ts',
  'exit-codes.ts',
  'hooks/hook.ts',
  'plan.ts',
  'catalog/naming',
  'catalog/retention',
  'config',
  'notifications',
  'schedule',
  'sources/verdict.ts',
  'sources/postgres/fingerprint',
  'sources/postgres/sql',
  'status',
  'system/volume-modes.ts',
]

/** What acts in these folders all the same: their edge, and the file that puts a room together. */
const MAY_ACT = ['notifications/edge', 'notifications/notifications.ts', 'status/edge']

/** The modules and packages that only compute. Whoever imports another one acts. croner sets a timer only for a function. */
const COMPUTES = /^(node:(buffer|crypto|events|path|stream|util|zlib)|commander|croner|zod)$/

/** What acts without an import: `now`, chance and the environment are parameters of a decider. */
const ACTS_BY_ITSELF =
  /\bDate\.now\(|\bnew Date\(\)|\bset(?:Timeout|Interval|Immediate)\(|\bAbortSignal\.timeout\(|\bprocess\.|\bperformance\.now|\bfetch\(|\brandom(?:Bytes|Int|UUID)?\(/

interface SourceFile {
  readonly name: string
  /** Without the lines that are comments. */
  readonly code: string
  /** Modules and packages that are not ours. */
  readonly foreign: readonly string[]
  /** Files of ours, those of which only types are wanted included. */
  readonly own: readonly string[]
  /** Those of them that are there at run time. */
  readonly run: readonly string[]
}

const IMPORT = /(?:^(import|export)(\s+type)?\b[^'"]*?\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/gm

const files: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(readSource)
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))
const byName = new Map(files.map(file => [file.name, file]))

function readSource(name: string): SourceFile {
  const text = readFileSync(path.join(SRC, name), 'utf8')
  const all = [...text.matchAll(IMPORT)].map(([, , type, target = '']) => ({ target, isType: type !== undefined }))
  const fileOf = (target: string): string => path.posix.join(path.posix.dirname(name), target)
  const own = all.filter(({ target }) => target.startsWith('.'))
  return {
    name,
    code: text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, ''),
    foreign: all.filter(({ target }) => !target.startsWith('.')).map(({ target }) => target),
    own: own.map(({ target }) => fileOf(target)),
    run: own.filter(({ isType }) => !isType).map(({ target }) => fileOf(target)),
  }
}

/** Of a file that belongs to one kind of source. */
const kindOf = (name: string): string | null => /^sources\/([^/]+)\//.exec(name)?.[1] ?? null

const stageOf = (name: string): string => name.split('/')[0] ?? name

const isBelow = (name: string, places: readonly string[]): boolean =>
  places.some(place => name === place || name.startsWith(`${place}/`))

/** The shortest way along `next` from one file to what is looked for, as the files in order; null where there is none. */
function wayTo(
  from: string,
  next: (file: SourceFile) => readonly string[],
  isThere: (name: string) => boolean,
): readonly string[] | null {
  const ways: string[][] = [[from]]
  const seen = new Set<string>()
  for (const way of ways) {
    const file = byName.get(way.at(-1) ?? '')
    for (const name of file === undefined ? [] : next(file)) {
      if (isThere(name)) return [...way, name]
      if (!seen.has(name)) ways.push([...way, name])
      seen.add(name)
    }
  }
  return null
}

const imports = (file: SourceFile): readonly string[] => file.own
const runs = (file: SourceFile): readonly string[] => file.run

/** The files that reach one another, each such set once. */
function circles(): readonly (readonly string[])[] {
  const round = files.map(({ name }) => name).filter(name => wayTo(name, imports, each => each === name) !== null)
  const sets = round.map(name => round.filter(each => isOneCircle(name, each)))
  return sets.filter((set, index) => round[index] === set[0])
}

function isOneCircle(a: string, b: string): boolean {
  return wayTo(a, imports, name => name === b) !== null && wayTo(b, imports, name => name === a) !== null
}

function circleText([first = '']: readonly string[]): string {
  return wayTo(first, imports, name => name === first)?.join(' -> ') ?? ''
}

/** What acts in this file, not counting what it imports of ours; undefined when nothing does. */
function ownAct({ foreign, code }: SourceFile): string | undefined {
  return foreign.find(target => !COMPUTES.test(target)) ?? ACTS_BY_ITSELF.exec(code)?.[0]
}

const acting = new Set(files.filter(file => ownAct(file) !== undefined).map(({ name }) => name))

/** Null for a pure file; else the way to what acts. */
function actOf(file: SourceFile): string | null {
  const way = acting.has(file.name) ? [file.name] : wayTo(file.name, runs, name => acting.has(name))
  const last = byName.get(way?.at(-1) ?? '')
  return way === null || last === undefined ? null : [...way, ownAct(last)].join(' -> ')
}

describe('the house', () => {
  test.each(files)('$name imports only what its place allows', file => {
    const rule = MAY_IMPORT[stageOf(file.name)]

    const forbidden = file.own.filter(target => {
      if (target === 'main.ts') return true
      if (rule === undefined) return false
      return stageOf(target) !== stageOf(file.name) && !rule.folders.includes(stageOf(target))
    })

    expect(forbidden, `src/${file.name}: ${rule?.why ?? 'nobody imports main.ts'}`).toEqual([])
  })

  test('no permission to import is without a use', () => {
    const used = new Set(files.flatMap(({ name, own }) => own.map(target => `${stageOf(name)} -> ${stageOf(target)}`)))
    const permissions = Object.entries(MAY_IMPORT).flatMap(([from, { folders }]) =>
      folders.map(to => `${from} -> ${to}`),
    )

    expect(permissions.filter(permission => !used.has(permission))).toEqual([])
  })

  test.each(files.filter(({ name }) => !/^(commands|sources\/[^/]+)\//.test(name) && name !== 'sources/sources.ts'))(
    '$name knows no kind of source',
    file => {
      expect(file.own.filter(target => /^sources\/[^/]+\//.test(target))).toEqual([])
    },
  )

  test.each(files.filter(({ name }) => /^sources\/[^/]+\//.test(name)))('$name knows no other kind of source', file => {
    const kind = kindOf(file.name)
    const others = file.own.filter(target => kindOf(target) !== null && kindOf(target) !== kind)

    expect(others).toEqual([])
  })

  test('a name of a file, or of what it exports, stands once', () => {
    const exported = files.flatMap(({ code, name }) =>
      [...code.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)].map(
        ([, word = '']) => [word, name] as const,
      ),
    )
    const named = files.map(({ name }) => [path.posix.basename(name), name] as const)

    const twice = [...exported, ...named].filter(([word], at, all) => all.findIndex(([other]) => other === word) !== at)

    expect(twice, 'whoever has only the listing, or an error, finds one place').toEqual([])
  })

  test('no file imports itself by way of others, types included', () => {
    expect(circles().map(circleText), 'a type lives with what takes it, not with its caller').toEqual([])
  })

  test.each(files.filter(({ name }) => isBelow(name, MUST_BE_PURE) && !isBelow(name, MAY_ACT)))(
    '$name is pure',
    file => {
      const act = actOf(file)

      expect(act, `${act}: a decider takes values; whoever calls it touches the machine`).toBeNull()
    },
  )

  test('what may act does', () => {
    const pure = files.filter(file => isBelow(file.name, MAY_ACT) && actOf(file) === null)

    expect(pure.map(({ name }) => name)).toEqual([])
  })

  test.each([...MUST_BE_PURE, ...MAY_ACT])('%s is there', place => {
    expect(files.some(({ name }) => isBelow(name, [place]))).toBe(true)
  })

  test('every folder of src/ has a rule here, or is one of the two that wire the others', () => {
    const folders = new Set(files.filter(file => file.name.includes('/')).map(file => stageOf(file.name)))

    const without = [...folders].filter(folder => MAY_IMPORT[folder] === undefined && folder !== 'commands')

    expect(without).toEqual([])
  })

  test.each(DESTINATION_NAMES)('%s is named only where it is set, opened, and recorded', name => {
    const naming = files.filter(({ code }) => new RegExp(`'${name}'|"${name}"|\\b${name}[:?]`).test(code))

    const elsewhere = naming
      .map(file => file.name)
      .filter(file => !/^(config|destinations)\/|^catalog\/manifest-places\.ts$/.test(file))

    expect(elsewhere, 'it goes through the list in src/config/destination-settings.ts').toEqual([])
  })

  test.each([
    [/\bstemOf\b/, /^config\/source-id\.ts$/],
    [/\bdatabaseId\b/, /^config\//],
    [/\btargetName\b/, /^(config|sources\/postgres)\//],
    [/\btarget\.host\b/, /^(config|sources\/postgres)\//],
  ])('%s is asked only where an id is made, or a connection', (question, place) => {
    const asking = files.filter(({ code }) => question.test(code))

    const elsewhere = asking.map(({ name }) => name).filter(name => !place.test(name))

    expect(elsewhere, 'name, stem and lane of a source stand in its id: src/config/source-id.ts').toEqual([])
    expect(asking, 'a rule without a use').not.toEqual([])
  })

  test('the module list in docs/design.md is the tree', () => {
    const text = readFileSync(path.resolve(SRC, '../docs/design.md'), 'utf8')
    const listed = [...text.matchAll(/^\| `src\/([^`]+?)\/?` \|/gm)].map(match => match[1])
    const there = new Set(files.map(file => stageOf(file.name)))

    expect([...listed].sort()).toEqual([...there].sort())
  })
})
