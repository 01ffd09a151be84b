import { describe } from 'vitest'
import { mutationSuite } from '../suites/mutation-suite.ts'
import { MUTATIONS } from '../support/mutations.ts'

describe('backup -v of what did not come back as it was, whatever it is', () => {
  mutationSuite(MUTATIONS, 600_000)
})
