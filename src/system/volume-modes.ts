/**
 * Who may read and remove what is made on the volume: the modes of it, from which the umask takes what nobody shall have.
 * An archive is a secret, so that nothing is ever open to all. What is a secret and lies elsewhere has no part in this.
 */
export const VOLUME_MODES = {
  /** Written once: whoever replaces it does so by a rename, for which the folder is enough. */
  file: 0o640,
  /** Appended to or written over by whoever comes next; a lock, which Linux lets only who may write it link back. */
  changedInPlace: 0o660,
  folder: 0o770,
} as const

/** For a folder that its group shares: what is made in it is of the same group, whoever makes it. */
export const SETGID = 0o2000

/** Who makes files, and where. */
export interface Standing {
  /** The group that new files get, as long as their folder has no say in it. */
  readonly group: number
  /** All that this process is in. */
  readonly groups: readonly number[]
  /** That of a volume whose new files get it from their folder; null where they do not. */
  readonly volumeGroup: number | null
}

/**
 * Whether the group shares the volume. Where nobody has said: if it is group 0, in which OpenShift runs each pod whatever
 * its user is, and where the files' group is not another one that this process is not in.
 */
export function isShared(asked: 'group' | 'owner' | null, { group, groups, volumeGroup }: Standing): boolean {
  if (asked !== null) return asked === 'group'
  return group === 0 && (volumeGroup === null || volumeGroup === 0 || groups.includes(volumeGroup))
}

/** The group of what is made on the volume. */
export function groupOfNew({ group, volumeGroup }: Standing): number {
  return volumeGroup ?? group
}

/** What is taken from the modes above; never more or less, whatever the image or the pod has set. */
export function umaskOf(shared: boolean): number {
  return shared ? 0o007 : 0o077
}
