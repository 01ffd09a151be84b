import { describe, expect, test } from 'vitest'
import { scheduledCommand } from '../../src/schedule/scheduled-command.ts'

describe('the command', () => {
  test.each([
    ['backup -1', { mode: 'backup', waitForLocks: false }],
    ['backup.sh -s', { mode: 'backup', waitForLocks: true }],
    ['./backup.sh  -1I', { mode: 'backup' }],
    ['/backup.sh -s', { mode: 'backup' }],
    ['backup -s wallet-db/tob db:5433/app', { mode: 'backup', specs: ['wallet-db/tob', 'db:5433/app'] }],
    ['backup -p -s -f "a b"', { mode: 'prune', filter: 'a b', yes: true }],
    ["backup -psf 'x'", { mode: 'prune', filter: 'x' }],
  ])('%s is ours', (text, expected) => {
    expect(scheduledCommand(text)).toMatchObject({ command: expected })
  })

  test.each([
    './cleanup.sh',
    '/usr/bin/backup -1',
    'backup',
    'backup -l',
    'backup -c',
    'backup -h',
    'backup -r wallet-db/tob',
    'backup -x',
    'backup -1 extra',
    'backup -1 && rm -rf /',
    'backup -1 >> /proc/1/fd/1 2>&1',
    'sh -c "backup -1"',
    '',
  ])('FM35 %s is a problem', text => {
    expect(scheduledCommand(text)).toEqual({ fault: expect.any(String) })
  })

  test.each(["./backup.sh -s -p -f 'a", 'backup -s -p -f "a b', "backup -s -p -f a'"])(
    'FM35 %s has half a quotation, and is a problem',
    text => {
      expect(scheduledCommand(text)).toEqual({ fault: expect.stringContaining('quotation mark') })
    },
  )

  test.each(['backup -p -f x', 'backup -pf x --force'])('FM128 %s would ask, and is a problem', text => {
    expect(scheduledCommand(text)).toEqual({ fault: expect.stringContaining('expected -s beside it') })
  })

  test('FM12 a password in it is not repeated', () => {
    const texts = [
      'backup -a hunter2 -1',
      'backup --admin-pasword=hunter2',
      'hunter2',
      'backup hunter2',
      'backup -phunter2',
    ]

    const faults = texts.map(text => scheduledCommand(text))

    expect(faults.every(found => 'fault' in found && !found.fault.includes('hunter2'))).toBe(true)
  })
})
