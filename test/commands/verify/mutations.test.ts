import { describe } from 'vitest'
import { mutationSuite } from '../../suites/mutation-suite.ts'
import { MUTATIONS } from '../../support/mutations.ts'

/** One for each sort of thing; all of them are in test/slow/mutations.test.ts. */
const NAMES = new Set([
  'a dropped row',
  'a changed character',
  'a dropped table',
  'a dropped index',
  'a dropped check',
  'a dropped default',
  'another sequence value',
  'a dropped grant',
  'a dropped comment',
  'a dropped trigger',
  'a dropped large object',
  'another BEGIN ATOMIC body',
])

describe('backup -v of what did not come back as it was', () => {
  mutationSuite(
    MUTATIONS.filter(({ name }) => NAMES.has(name)),
    180_000,
  )
})
