import { type Configuration, readConfiguration } from '../../src/config/configuration.ts'

const CREDENTIALS = { DATABASE_USER: 'reader', DATABASE_PASSWORD: 'hunter2' }

/** A configuration from a few lines and variables; credentials for every host unless `env` takes them away. */
export function configure(input: {
  readonly conf?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly files?: Readonly<Record<string, string>>
}): Configuration {
  return readConfiguration({
    env: { ...CREDENTIALS, ...input.env },
    conf: input.conf === undefined ? null : { path: 'backup.conf', text: input.conf },
    workingDir: '/work',
    cpus: 8,
    readSecretFile(path) {
      const text = input.files?.[path]
      if (text === undefined) throw Object.assign(new Error(`no such file ${path}`), { code: 'ENOENT' })
      return text
    },
  })
}

/** Problems as `severity place`, the shortest form in which a test can name them. */
export function problemPlaces(configuration: { readonly problems: Configuration['problems'] }): readonly string[] {
  return configuration.problems.map(problem => `${problem.severity} ${problem.place}`)
}
