import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const TESTS = path.resolve(import.meta.dirname, '..')
const REFERENCE = path.resolve(TESTS, '../docs/reference/faults.md')

test('docs/reference/faults.md lists exactly the faults that stand in the names of tests', () => {
  const named = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .flatMap(name => idsIn(readFileSync(path.join(TESTS, name), 'utf8')))

  const listed = [...readFileSync(REFERENCE, 'utf8').matchAll(/^- \*\*(FM\d{2,3})\*\* /gm)].map(match => match[1])

  expect(listed.toSorted()).toEqual([...new Set(named)].sort())
})

function idsIn(text: string): readonly string[] {
  return text.match(/\bFM\d{2,3}\b/g) ?? []
}
