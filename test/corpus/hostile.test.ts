import { describe, expect, test } from 'vitest'
import { hostileSuite } from '../suites/hostile-suite.ts'
import { majorVersion, serverBinaries } from '../support/postgres-cluster.ts'
import { ATTACKS, attacksFor } from './hostile/attacks.ts'

// A sample of each kind, FM77, FM90, FM91, FM92, FM143. All of them, and the proof that each could do harm, are slow tests.
describe('an archive that means harm, backed up, restored and proved', () => {
  hostileSuite({ attacks: attacksFor(majorVersion(serverBinaries())).filter(attack => attack.quick === true) })
})

test('the catalogue names each attack once, and says of each where it is and what would be seen', () => {
  const names = ATTACKS.map(attack => attack.name)

  expect(new Set(names).size).toBe(names.length)
  expect(names.filter(name => !/^[a-z][a-z0-9_]{2,45}$/.test(name))).toEqual([])
  expect(ATTACKS.filter(({ sees, where }) => sees === '' || where === '')).toEqual([])
})
