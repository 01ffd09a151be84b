import { childEnvironment } from '../../../system/process.ts'

/** What a program of the server gets of our environment: no secret, and nothing that changes what it does. */
export function serverEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { PATH, LD_LIBRARY_PATH } = childEnvironment(env)
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }),
    LC_ALL: 'C',
    TZ: 'UTC',
  }
}
