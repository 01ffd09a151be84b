/** Codes of a server's answer that matter to anybody; those from 9 on are of later versions, which some servers mix in. */
export const STATUS = {
  ok: 0,
  endOfFile: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
  noSuchPath: 10,
  exists: 11,
  writeProtected: 12,
  noSpace: 14,
  quotaExceeded: 15,
} as const

/** A server's answer that it did not do what was asked. Its text may hold anything. */
export class SftpRefusal extends Error {
  readonly code: number

  constructor(code: number, said: string) {
    super(said)
    this.name = 'SftpRefusal'
    this.code = code
  }
}

/** Whether a server says that there is no such file or folder. */
export function isNotThere(error: unknown): boolean {
  return error instanceof SftpRefusal && (error.code === STATUS.noSuchFile || error.code === STATUS.noSuchPath)
}
