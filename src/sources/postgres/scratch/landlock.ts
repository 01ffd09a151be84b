/** What of the machine a confined server may use. Paths are absolute and without symbolic links; what is not there is left out. */
export interface Reach {
  /** Programs: to run. */
  readonly programs: readonly string[]
  /** Folders with libraries: to read, and to run (the loader of programs lies there). */
  readonly libraries: readonly string[]
  /** Folders, and files, to read. */
  readonly folders: readonly string[]
  readonly files: readonly string[]
  /** Files that may be written to, such as /dev/null. */
  readonly sinks: readonly string[]
  /** Folders of the server's own: everything but to run what lies there. */
  readonly data: readonly string[]
  /** Folders for its sockets. */
  readonly sockets: readonly string[]
}

/** A set of rights over files that a kernel can take away. */
export interface LandlockLevel {
  readonly rights: readonly string[]
  /** What stays possible with files out of reach, where the kernel is too old to forbid it. */
  readonly gap: string | null
}

const OLDEST = [
  ...['execute', 'write-file', 'read-file', 'read-dir', 'remove-dir', 'remove-file'],
  ...['make-char', 'make-dir', 'make-reg', 'make-sock', 'make-fifo', 'make-block', 'make-sym'],
]
const MOVES = [...OLDEST, 'refer']

/** The best one first. A kernel refuses a set with a right that it does not know. */
export const LANDLOCK_LEVELS: readonly LandlockLevel[] = [
  { rights: [...MOVES, 'truncate'], gap: null },
  { rights: MOVES, gap: 'this kernel is older than 6.2: files outside can still be cut short' },
  { rights: OLDEST, gap: 'this kernel is older than 6.2: files outside can still be cut short' },
]

const READ = ['read-file', 'read-dir']
const OWN = ['read-file', 'read-dir', 'write-file', 'remove-file', 'make-reg', 'truncate']
const DATA = [...OWN, 'remove-dir', 'make-dir', 'make-sym', 'refer']

/**
 * The flags of setpriv (util-linux 2.41) that leave a program, and all that it starts, only what is in its reach. They
 * count from the program's start on and cannot be taken back. They need `--no-new-privs` beside them.
 */
export function landlockFlags({ rights }: LandlockLevel, reach: Reach): readonly string[] {
  const rules = (paths: readonly string[], allowed: readonly string[]): string[] =>
    paths.map(path => `--landlock-rule=path-beneath:${allowed.filter(right => rights.includes(right)).join()}:${path}`)
  return [
    `--landlock-access=fs:${rights.join()}`,
    ...rules(reach.programs, ['execute', 'read-file']),
    ...rules(reach.libraries, ['execute', ...READ]),
    ...rules(reach.folders, READ),
    ...rules(reach.files, ['read-file']),
    ...rules(reach.sinks, ['read-file', 'write-file']),
    ...rules(reach.data, DATA),
    ...rules(reach.sockets, [...OWN, 'make-sock']),
  ]
}
