import { expect, test } from 'vitest'
import { nodeVersionProblem } from '../../src/system/node-version.ts'

test.each(['24.20.0', '24.21.0', '25.0.0', '26.1.0-nightly'])('the program runs on Node %s', version => {
  expect(nodeVersionProblem(version)).toBeNull()
})

test.each(['24.19.9', '24.2.0', '23.11.0', '20.19.0', ''])(
  'Node "%s" is too old, and the message says what is needed',
  version => {
    expect(nodeVersionProblem(version)).toBe(`Node ${version}; expected 24.20 or newer`)
  },
)
