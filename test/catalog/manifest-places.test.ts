import { describe, expect, test } from 'vitest'
import { dividedByPlace, gathered } from '../../src/catalog/manifest-places.ts'

const copy = (destination: string): { destination: string; state: string } => ({ destination, state: 'done' })
const verdict = (from: string, day: number): { from: string; at: string } => ({ from, at: `2026-11-${day}T01:00:00Z` })

describe('FM240 what is known of places that the first version does not know', () => {
  test('stands in fields of their own, and is one list in memory, in the order of time', () => {
    const manifest = {
      copies: [copy('ftp'), copy('s3'), copy('sftp')],
      verifications: [verdict('volume', 10), verdict('sftp', 11), verdict('ftp', 12), verdict('sftp', 13)],
      other: 'kept',
    }

    const stored = dividedByPlace(manifest)

    expect(stored).toEqual({
      copies: [copy('ftp'), copy('s3')],
      furtherCopies: [copy('sftp')],
      verifications: [verdict('volume', 10), verdict('ftp', 12)],
      furtherVerifications: [verdict('sftp', 11), verdict('sftp', 13)],
      other: 'kept',
    })
    expect(gathered(stored)).toEqual(manifest)
  })

  test('is kept where only a later version knows the place', () => {
    const stored = { copies: [], furtherCopies: [copy('tape')], verifications: [] }

    expect(dividedByPlace(gathered(stored))).toEqual(stored)
  })

  test('adds nothing to a manifest of the others', () => {
    const stored = { copies: [copy('ftp')], verifications: [verdict('volume', 12), verdict('ftp', 11)] }

    expect(gathered(stored)).toEqual(stored)
    expect(JSON.stringify(dividedByPlace(stored))).toBe(JSON.stringify(stored))
  })
})
