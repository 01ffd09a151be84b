import type { FtpAddress } from './ftp-address.ts'
import { isProblem, type Problem } from './problem.ts'
import { type CopyRetention, missing, problem, type ReadDestination } from './read-destination.ts'
import { bucketProblems, endpointProblems, readBucket } from './s3-address.ts'
import { Secret } from './secret.ts'
import { readSecret, type SecretInput } from './secret-value.ts'
import { type SftpValues, sftpSettings } from './sftp-settings.ts'

/** How an FTP connection is secured: `insecure` is TLS without a look at the certificate, `off` is clear text. */
export type FtpTls = 'required' | 'insecure' | 'off'

export interface FtpSettings {
  readonly name: 'ftp'
  readonly address: FtpAddress
  readonly user: string
  readonly password: Secret
  readonly tls: FtpTls
  /** Path of more certificates to trust, in PEM format. */
  readonly caFile: string | null
  readonly retention: CopyRetention
}

export interface S3Settings {
  readonly name: 's3'
  /** `http(s)://host[:port]`, without credentials. */
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: Secret
  readonly bucket: string
  /** Empty, or ends in a slash. */
  readonly prefix: string
  readonly region: string
  readonly pathStyle: boolean
  readonly createBucket: boolean
  readonly retention: CopyRetention
}

/** What the variables of the destinations say, each read by itself; null where one is not set or can't be used. */
export interface DestinationValues extends SftpValues {
  readonly FTP_URL: FtpAddress | null
  readonly FTP_USER: string | null
  readonly FTP_CA_FILE: string | null
  readonly FTP_TLS: FtpTls | null
  readonly FTP_RETENTION: CopyRetention | null
  readonly S3_ENDPOINT: string | null
  readonly S3_USER: string | null
  readonly S3_BUCKET: string | null
  readonly S3_PREFIX: string | null
  readonly S3_REGION: string | null
  readonly S3_PATH_STYLE: boolean | null
  readonly S3_CREATE_BUCKET: boolean | null
  readonly S3_RETENTION: CopyRetention | null
  readonly S3_PRUNE_BACKUPS: boolean | null
}

/** The one list of destinations, in the order in which they are shown, each with the variable that turns it on. */
export const DESTINATIONS = {
  ftp: { variable: 'FTP_URL', read: ftpSettings },
  s3: { variable: 'S3_ENDPOINT', read: s3Settings },
  sftp: { variable: 'SFTP_URL', read: sftpSettings },
} as const

/** What a destination is called in settings, manifests and options. */
export type DestinationName = keyof typeof DESTINATIONS

/** All of them, set or not. */
export const DESTINATION_NAMES = Object.keys(DESTINATIONS) as readonly DestinationName[]

/** What is set of one destination. */
export type DestinationSettings = NonNullable<ReturnType<(typeof DESTINATIONS)[DestinationName]['read']>['settings']>

/** Puts together what the variables of the destinations and their secrets say; only those that can be used are `destinations`. */
export function readDestinations(
  values: DestinationValues,
  input: SecretInput,
): {
  readonly destinations: readonly DestinationSettings[]
  readonly wanted: readonly DestinationName[]
  readonly problems: readonly Problem[]
} {
  const read = DESTINATION_NAMES.map(name => DESTINATIONS[name].read(values, input))
  return {
    destinations: read.flatMap(each => each.settings ?? []),
    wanted: DESTINATION_NAMES.filter(name => input.env[DESTINATIONS[name].variable] !== undefined),
    problems: read.flatMap(each => each.problems),
  }
}

/** What no log line may hold. */
export function destinationSecrets(destinations: readonly DestinationSettings[]): readonly string[] {
  const values: readonly unknown[] = destinations.flatMap(settings => Object.values(settings))
  return values.flatMap(value => (value instanceof Secret ? value.reveal() : []))
}

function ftpSettings(values: DestinationValues, input: SecretInput): ReadDestination<FtpSettings> {
  const { FTP_URL: address, FTP_USER: user } = values
  if (address === null) return { settings: null, problems: [] }
  const password = readSecret('FTP_PASSWORD', input)
  const tls = values.FTP_TLS ?? 'required'
  const problems = [
    ...missing({ FTP_USER: user, FTP_PASSWORD: password.from }, { values, input }, 'no copies are sent by FTP'),
    ...password.problems,
    ...ftpTlsProblems(address, tls),
  ]
  if (user === null || password.value === null || problems.some(isProblem)) return { settings: null, problems }
  const retention = values.FTP_RETENTION ?? 'keep'
  const access = { address, user, password: new Secret(password.value), tls, caFile: values.FTP_CA_FILE }
  return { settings: { name: 'ftp', ...access, retention }, problems }
}

function ftpTlsProblems(address: FtpAddress, tls: FtpTls): readonly Problem[] {
  if (tls !== 'off' || address.tls === 'explicit') return ftpTlsWarnings(tls)
  const text = 'off, for an address that begins with ftps://; expected ftp://, or TLS'
  return [problem('FTP_TLS', text, 'no copies are sent by FTP')]
}

function ftpTlsWarnings(tls: FtpTls): readonly Problem[] {
  const WORDS: Readonly<Record<FtpTls, string | null>> = {
    required: null,
    insecure:
      'insecure: the certificate of the server is not checked, so that anybody on the way can read and change the copies',
    off: 'off: password and copies travel in clear text',
  }
  const text = WORDS[tls]
  return text === null ? [] : [{ severity: 'warning', place: 'FTP_TLS', text: `${text}; expected required` }]
}

/** Copies to S3 are asked for by `S3_ENDPOINT` or `S3_BUCKET`. */
function s3Settings(values: DestinationValues, input: SecretInput): ReadDestination<S3Settings> {
  const { S3_ENDPOINT: endpoint, S3_USER: accessKey } = values
  if (endpoint === null && values.S3_BUCKET === null) return { settings: null, problems: [] }
  const secretKey = readSecret('S3_PASSWORD', input)
  const { bucket, prefix } = readBucket(values.S3_BUCKET, values.S3_PREFIX)
  const needed = { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_USER: accessKey, S3_PASSWORD: secretKey.from }
  const problems = [
    ...missing(needed, { values, input }, 'no copies are sent to S3'),
    ...secretKey.problems,
    ...bucketProblems({ bucket, prefix }),
    ...(endpoint === null ? [] : endpointProblems(endpoint, bucket)),
    ...retentionWarnings(values),
  ]
  const complete = endpoint !== null && bucket !== null && accessKey !== null && secretKey.value !== null
  if (!complete || problems.some(isProblem)) return { settings: null, problems }
  const access = { endpoint, accessKey, secretKey: new Secret(secretKey.value), bucket, prefix }
  return { settings: { name: 's3', ...access, ...s3Choices(values) }, problems }
}

function s3Choices(values: DestinationValues): Pick<S3Settings, 'region' | 'pathStyle' | 'createBucket' | 'retention'> {
  return {
    region: values.S3_REGION ?? 'us-east-1',
    pathStyle: values.S3_PATH_STYLE ?? true,
    createBucket: values.S3_CREATE_BUCKET ?? false,
    retention: values.S3_RETENTION ?? (values.S3_PRUNE_BACKUPS === true ? 'mirror' : 'keep'),
  }
}

function retentionWarnings(values: DestinationValues): readonly Problem[] {
  const { S3_RETENTION: retention, S3_PRUNE_BACKUPS: prune } = values
  if (retention === null || prune === null || (retention === 'mirror') === prune) return []
  const text = `says the opposite of S3_RETENTION; expected one of the two`
  return [{ severity: 'warning', place: 'S3_PRUNE_BACKUPS', text, hint: `S3_RETENTION=${retention} is used` }]
}
