import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const PROGRAM = path.resolve(import.meta.dirname, '../support/feed-large-objects.ts')

test('FM114 the fingerprint of 250 000 large objects takes no more than 42 MB', () => {
  const output = execFileSync(process.execPath, ['--max-semi-space-size=1', PROGRAM], { encoding: 'utf8' })

  const { objects, grownMb } = JSON.parse(output) as { objects: number; grownMb: number }

  expect(objects).toBe(250_000)
  expect(grownMb).toBeLessThan(42)
}, 60_000)
