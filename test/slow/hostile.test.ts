import { describe } from 'vitest'
import { ATTACKS, attacksFor } from '../corpus/hostile/attacks.ts'
import { hostileSuite } from '../suites/hostile-suite.ts'
import { embeddedBinaries } from '../support/embedded-postgres.ts'
import { majorVersion, serverBinaries } from '../support/postgres-cluster.ts'

// FM77, FM90, FM91, FM92, FM143.
const isRoot = process.getuid?.() === 0
const attacks = attacksFor(majorVersion(serverBinaries()))

describe('archives that mean harm, by the user of these tests', () => {
  hostileSuite({ attacks })
})

// As anybody else than root, the program and its scratch servers are one user anyway. All of them by such a user: in trixie.
if (isRoot)
  describe('archives that mean harm, by an arbitrary UID, which its scratch servers share without confinement', () => {
    hostileSuite({ attacks: attacks.filter(attack => attack.quick === true), uid: 1_000_690_000 })
  })

describe('archives that mean harm and have no manifest, restored into a server of 17', () => {
  const newer = ATTACKS.filter(attack => attack.quick === true || (attack.from === 17 && attack.tampered !== undefined))
  const anyVerdict = newer.filter(
    attack => attack.until === undefined && (attack.from !== 17 || attack.sql === undefined),
  )
  hostileSuite({
    attacks: anyVerdict.map(attack => ({ ...attack, expected: 'any' })),
    targetBinFolder: embeddedBinaries(17),
    withoutManifests: true,
  })
})
