import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readVolumeStatus } from '../../../src/commands/service/volume-status.ts'
import { ODD_FILES, putOdd } from '../../support/odd-files.ts'
import { temporaryVolume } from '../../support/volume.ts'

test('a volume that takes a file is writable, and says how large it is', async () => {
  expect(await readVolumeStatus(temporaryVolume())).toMatchObject({ writable: true, totalBytes: expect.any(Number) })
})

test.each(ODD_FILES)(
  'FM103 %s in the place of the probe is not waited for: the volume counts as not writable',
  async what => {
    const volume = temporaryVolume()
    await putOdd(join(volume, '.backup/writable'), what)

    expect(await readVolumeStatus(volume)).toMatchObject({ writable: false })
  },
)
