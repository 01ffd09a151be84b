import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = path.resolve(import.meta.dirname, '../../../src')

/**
 * SQL that may do otherwise, because nothing that an archive could define is there when it runs, or because it is no
 * query of ours.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'sources/postgres/made/loader-role.ts': 'it runs in a database of the server that holds nothing of an archive',
}

interface Rule {
  readonly broken: RegExp
  readonly why: string
}

const RULES: readonly Rule[] = [
  {
    broken: /::|\bCAST\s*\(/i,
    why: 'a cast of an archive may stand in its place: take the value as it is, its text is the client to read',
  },
  {
    broken: /\|\||\b(?:LIKE|ILIKE|SIMILAR TO)\b|[@~]|->/,
    why: 'only = <> < > between values of one type find an operator that nobody can come before',
  },
  {
    broken: /(?<![\w.$"{])(?!coalesce\b|nullif\b|greatest\b|least\b)[a-z_]\w+ ?\(/,
    why: 'a function is named with its schema, pg_catalog; keywords are upper case',
  },
]

interface Query {
  readonly file: string
  readonly sql: string
}

describe('the rule for queries', () => {
  const queries = filesBelow(['sources', 'commands']).flatMap(queriesIn)

  test.each(RULES)('FM119 no query is open to what others define: $why', ({ broken }) => {
    const found = queries.filter(({ file, sql }) => broken.test(sql) && EXCEPTIONS[file] === undefined)

    expect(found.map(({ file, sql }) => `${file}: ${sql}`)).toEqual([])
  })

  test('FM119 the queries are found, and every exception is one', () => {
    const breaking = new Set(
      queries.filter(({ sql }) => RULES.some(({ broken }) => broken.test(sql))).map(({ file }) => file),
    )

    expect(queries.length).toBeGreaterThan(60)
    expect(Object.keys(EXCEPTIONS).filter(file => !breaking.has(file))).toEqual([])
  })
})

function filesBelow(folders: readonly string[]): readonly string[] {
  return folders.flatMap(folder =>
    readdirSync(path.join(SRC, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => path.posix.join(folder, name)),
  )
}

/** What is in quotation marks and reads like SQL. */
function queriesIn(file: string): readonly Query[] {
  return stringsOf(readFileSync(path.join(SRC, file), 'utf8'))
    .filter(text => /\b(?:SELECT|WHERE|EXECUTE|ARRAY)\b|\bpg_catalog\./.test(text))
    .map(sql => ({ file, sql }))
}

/** The strings of a program; what a template puts in is left out, and its own strings come by themselves. */
function stringsOf(program: string): readonly string[] {
  const code = program.replace(/\/\*[\s\S]*?\*\/|(?<=^\s*)\/\/.*$/gm, '')
  const strings: string[] = []
  let rest = code.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, whole => {
    strings.push(...plainStrings(whole))
    return '$1'
  })
  rest = rest.replace(/`(?:[^`\\]|\\[\s\S])*`/g, whole => {
    strings.push(whole.slice(1, -1))
    return ''
  })
  return [...strings, ...plainStrings(rest)]
}

function plainStrings(code: string): readonly string[] {
  return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map(
    ([, single, double]) => single ?? double ?? '',
  )
}
