import { userInfo } from 'node:os'

/** Whether the system knows a name for the user of this process. OpenShift's arbitrary users have none, and some programs ask for it. */
export function hasUserName(): boolean {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}

/** A line of a passwd file that gives a user without a name one. */
export function passwdLine({
  uid,
  gid,
  home,
}: {
  readonly uid: number
  readonly gid: number
  readonly home: string
}): string {
  return `backup:x:${uid}:${gid}::${home}:/sbin/nologin\n`
}

/** Makes a child ask this file for users: what libnss_wrapper.so reads (https://cwrap.org/nss_wrapper.html). */
export function wrappedNames(passwdFile: string): Record<string, string> {
  return { LD_PRELOAD: 'libnss_wrapper.so', NSS_WRAPPER_PASSWD: passwdFile, NSS_WRAPPER_GROUP: '/etc/group' }
}
