import { describe, expect, test } from 'vitest'
import { scramVerifier } from '../../../../src/sources/postgres/connection/scram-verifier.ts'

describe('a SCRAM verifier', () => {
  test('is what the algorithm of RFC 5802 gives for the salt and the keys of the example in RFC 7677', () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')

    const verifier = scramVerifier('pencil', salt)

    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    )
  })
})
