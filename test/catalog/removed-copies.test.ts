import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { noteRemovedCopy, readRemovedCopies, settleRemovedCopy } from '../../src/catalog/removed-copies.ts'
import { ODD_FILES, putOdd } from '../support/odd-files.ts'
import { temporaryVolume } from '../support/volume.ts'

const archiveOf = (day: number): string => `db-app_2026-11-${day}_01-00-00.sql.gz`

test('FM103 FM104 a note that is no file, or no note, is passed over, and the others count', async () => {
  const volume = temporaryVolume()
  const note = { archive: archiveOf(10), stem: 'db-app', destinations: ['ftp'] }
  await noteRemovedCopy(volume, note)
  for (const [index, what] of ODD_FILES.entries()) {
    await putOdd(join(volume, '.backup/removed', archiveOf(11 + index)), what)
  }
  writeFileSync(join(volume, '.backup/removed', archiveOf(20)), JSON.stringify({ destinations: ['x'.repeat(70_000)] }))

  expect(await readRemovedCopies(volume)).toEqual([note])
})

test('FM49 destinations that are done with copies at the same time all settle them', async () => {
  const volume = temporaryVolume()
  const archives = Array.from({ length: 20 }, (_, index) => archiveOf(10 + index))
  const destinations = ['ftp', 's3']
  for (const archive of archives) await noteRemovedCopy(volume, { archive, stem: 'db-app', destinations })

  await Promise.all(
    destinations.map(async destination => {
      for (const archive of archives) await settleRemovedCopy(volume, archive, destination)
    }),
  )

  expect(await readRemovedCopies(volume)).toEqual([])
  expect(readdirSync(join(volume, '.backup/removed'))).toEqual([])
})
