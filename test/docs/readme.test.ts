import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/exit-codes.ts'
import { FLAGS } from '../../src/flags.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pagesIn('docs')]

describe('the documentation', () => {
  test.each(PAGES)('%s links only to what is there', page => {
    const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(
      ([, file = '', anchor]) => ({
        file: file === '' ? page : path.join(path.dirname(page), file),
        anchor,
      }),
    )

    const broken = targets.filter(({ file, anchor }) => !existsSync(path.join(ROOT, file)) || !hasAnchor(file, anchor))

    expect(broken).toEqual([])
  })

  test.each(['README.md', 'docs/design.md'])('%s gives the exit codes of the program', page => {
    const rows = [...read(page).matchAll(/^\| (\d+) \| (.+) \|$/gm)]

    expect(rows.map(([, code, meaning]) => ({ code: Number(code), meaning }))).toEqual(EXIT_CODES)
  })

  test('README.md names every flag that the usage text shows, and none that does not exist', () => {
    const modes = section(read('README.md'), '## Modes')
    const named = new Set(modes.match(/(?<=[`\s])--[a-z][a-z-]*|(?<=[`\s])-[a-z0-9](?=[`,\s])/g))

    const existing = new Set(FLAGS.flatMap(flag => ('short' in flag ? [flag.short, flag.name] : [flag.name])))
    const shown = FLAGS.filter(flag => flag.help !== null).map(flag => flag.name)
    const missing = shown.filter(name => name !== '--filter' && !named.has(name))

    expect([...named].filter(name => !(existing as ReadonlySet<string>).has(name))).toEqual([])
    expect(missing).toEqual([])
  })
})

function pagesIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.md')).map(name => `${folder}/${name}`)
}

function read(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8')
}

/** GitHub's anchor of a heading: lower case, punctuation gone, blanks as hyphens. */
function hasAnchor(page: string, anchor: string | undefined): boolean {
  if (anchor === undefined || !page.endsWith('.md')) return true
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(match => match[1] ?? '')
  return headings.some(
    heading =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-') === anchor,
  )
}

function section(text: string, heading: string): string {
  const [, after = ''] = text.split(`${heading}\n`)
  return after.split('\n## ')[0] ?? ''
}
