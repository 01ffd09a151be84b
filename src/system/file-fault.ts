/**
 * What is wrong with a file or folder itself, where the system has no code for it: it is no plain file, it is larger than
 * anything of its kind, it lies behind a symbolic link. `message` is `<what was found>; expected <what>`.
 */
export class FileFault extends Error {
  /** The file, or the folder on the way to it that is meant. */
  readonly path: string

  constructor(path: string, message: string) {
    super(message)
    this.name = 'FileFault'
    this.path = path
  }
}

/** Passes over a FileFault; throws everything else. For a `catch` of a promise. */
export function ignoringFault(error: unknown): undefined {
  if (!(error instanceof FileFault)) throw error
  return undefined
}
