import { describe } from 'vitest'
import { attacksFor } from '../corpus/hostile/attacks.ts'
import { hostileSuite } from '../suites/hostile-suite.ts'

// FM77, FM90, FM91, FM92, FM143.
describe('archives of 17 that mean harm, by an arbitrary UID, which its scratch servers share', () => {
  hostileSuite({ attacks: attacksFor(17) })
})
