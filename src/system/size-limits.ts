const KB = 1024
const MB = 1024 * KB

/**
 * The largest file of each kind that is read into memory: many times what an honest one has, and little enough that one
 * which somebody has put there does no harm.
 */
export const MOST_BYTES = {
  /** One of 5 000 tables has 1.3 MB, one of 100 000 has 26 MB. */
  manifest: 64 * MB,
  /** Ten thousand databases in lines of a hundred characters. */
  backupConf: MB,
  /** A password has a few dozen characters. */
  secret: 64 * KB,
  /** The whole bundle of an operating system has half a megabyte. */
  certificates: 4 * MB,
  /** Who holds a lock, or a pin: some four hundred bytes. */
  lock: 64 * KB,
  /** A message that waits, cut to what chat services take. */
  notice: MB,
  /** Times of calls, names of destinations: a few lines. */
  note: 64 * KB,
  /** Some two hundred bytes for each archive without a manifest. Only the end of a larger one is read. */
  checked: 16 * MB,
} as const
