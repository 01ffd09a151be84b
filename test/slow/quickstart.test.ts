import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')

test('what scripts/quickstart says to try next works after it has ended', () => {
  const printed = execFileSync(path.join(ROOT, 'scripts/quickstart'), {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

  const [, after = ''] = printed.split('What works without it:\n')
  const commands = after.trimEnd().split('\n')
  const again = execFileSync('bash', ['-euc', commands.join('\n')], {
    ...{ cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  })

  expect(commands).toHaveLength(5)
  expect(again).toContain('1 of 1 proved')
  expect(again).toContain('PostgreSQL database dump')
})
