import { describe, expect, test } from 'vitest'
import { memoryOf, readMemory } from '../../src/system/memory.ts'

const MEMINFO = 'MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n'
const LIMIT = 'the limit of this container'
const FREE = 'what is free on this machine'

describe('FM115 how much memory there is', () => {
  test.each([
    ['cgroup v2 with a limit', { max: '536870912\n', limit: null }, { bytes: 536_870_912, of: LIMIT }],
    ['cgroup v2 without', { max: 'max\n', limit: null }, { bytes: 8_192_000_000, of: FREE }],
    ['cgroup v1 with a limit', { max: null, limit: '268435456\n' }, { bytes: 268_435_456, of: LIMIT }],
    ['cgroup v1 without', { max: null, limit: '9223372036854771712\n' }, { bytes: 8_192_000_000, of: FREE }],
    ['both, the smaller', { max: '536870912', limit: '268435456' }, { bytes: 268_435_456, of: LIMIT }],
    ['neither', { max: null, limit: null }, { bytes: 8_192_000_000, of: FREE }],
    ['nonsense', { max: 'yes', limit: '' }, { bytes: 8_192_000_000, of: FREE }],
  ])('%s', (_, texts, expected) => {
    expect(memoryOf({ ...texts, meminfo: MEMINFO })).toEqual(expected)
  })

  test('nobody knows where the system says nothing', () => {
    expect(memoryOf({ max: null, limit: null, meminfo: null })).toBeNull()
  })

  test('this system says something', async () => {
    expect((await readMemory())?.bytes).toBeGreaterThan(2 ** 24)
  })
})
