import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PAGE = readFileSync(path.join(ROOT, 'docs/how-to/migrate.md'), 'utf8')

test('FM122 the words that docs/how-to/migrate.md gives for those of the bash tool are what the program writes', () => {
  const source = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(path.join(ROOT, 'src', name), 'utf8'))
    .join('\n')
  const rows = PAGE.split('\n## ')
    .find(section => section.startsWith('Words that alerts look for'))
    ?.split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line => line.split(' | '))

  const events = rows?.flatMap(([, event = '']) => event.match(/`[a-z]+-[a-z-]+`/g) ?? []) ?? []
  const lines =
    rows?.flatMap(([, , line = '']) => /^`([a-z]+|[A-Z]+(?: [A-Z]+)?|[a-z]+ up) /.exec(line)?.[1] ?? []) ?? []

  expect(events.length).toBeGreaterThan(10)
  expect(events.filter(event => !source.includes(`'${event.slice(1, -1)}'`))).toEqual([])
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.filter(word => !source.includes(`${word} `))).toEqual([])
})
