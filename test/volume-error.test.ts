import { describe, expect, test } from 'vitest'
import { OperatorError } from '../src/errors.ts'
import { volumeError } from '../src/volume-error.ts'

describe('a failed call on the volume', () => {
  test.each([
    ['ENOSPC', 'space', '/backups/x: no space is left'],
    ['EDQUOT', 'space', '/backups/x: the quota is used up'],
    ['EROFS', 'volume', '/backups/x: the file system is read-only'],
    ['EIO', 'volume', '/backups/x: the device failed to read or write'],
    ['EACCES', 'volume', '/backups/x: this user has no right to it'],
    ['ESTALE', 'volume', '/backups/x: ESTALE'],
  ])('FM03 %s names the path and what is wrong with it', (code, kind, message) => {
    const found = volumeError(Object.assign(new Error(`${code}: write '/backups/x'`), { code }), '/backups/x')

    expect(found).toBeInstanceOf(OperatorError)
    expect(found).toMatchObject({ kind, message })
  })

  test.each([
    new OperatorError('server', 'x'),
    new TypeError('x'),
    Object.assign(new Error('x'), { code: 'Z_DATA_ERROR' }),
    'text',
  ])('anything else stays what it is: %s', other => {
    expect(volumeError(other, '/backups/x')).toBe(other)
  })
})
