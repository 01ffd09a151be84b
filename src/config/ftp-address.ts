/** A folder on an FTP server, as `FTP_URL` names it. */
export interface FtpAddress {
  /** A name or an address, an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
  /** `explicit` asks for TLS on the ordinary port (`ftp://`), `implicit` begins with it (`ftps://`). */
  readonly tls: 'explicit' | 'implicit'
  /** Names of the folders that lead to the copies, one in the other. */
  readonly folders: readonly string[]
  /** True: from the root of the server (`ftp://host//path`), else from where the login leads. */
  readonly fromRoot: boolean
}

const SHAPE = /^(?:(ftps?):\/\/)?([^/?#]+)(\/[^?#]*)?$/i
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::(\d{1,5}))?$/i
const CONTROL = /\p{Cc}/u

/**
 * Reads `ftp://host[:port]/path` or `ftps://…`, or the same without a scheme, as curl does; null for everything else.
 * A path may hold `%XX`. User and password do not belong here: an address with an `@` before its path is null too.
 */
export function parseFtpAddress(text: string): FtpAddress | null {
  const [, scheme = 'ftp', authority = '', path = ''] = SHAPE.exec(text.trim()) ?? []
  const [, address, name, port] = HOST.exec(authority) ?? []
  const host = address ?? name
  const folders = foldersOf(path)
  if (host === undefined || folders === null) return null
  const tls = scheme.toLowerCase() === 'ftps' ? 'implicit' : 'explicit'
  const number = port === undefined ? { explicit: 21, implicit: 990 }[tls] : Number(port)
  if (number < 1 || number > 65_535) return null
  return { host, port: number, tls, folders, fromRoot: /^\/(?:\/|%2f)/i.test(path) }
}

/** An address as a person writes it, without the port that goes without saying. */
export function ftpAddressText(address: FtpAddress): string {
  const scheme = address.tls === 'implicit' ? 'ftps' : 'ftp'
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  const port = address.port === (address.tls === 'implicit' ? 990 : 21) ? '' : `:${address.port}`
  return `${scheme}://${host}${port}/${address.fromRoot ? '/' : ''}${address.folders.join('/')}`
}

/** Null when a name can't be decoded, holds a control character, or leads out of its folder. */
function foldersOf(path: string): readonly string[] | null {
  try {
    const names = path.split('/').flatMap(segment => decodeURIComponent(segment).split('/'))
    const folders = names.filter(name => name !== '' && name !== '.')
    return folders.some(name => name === '..' || CONTROL.test(name)) ? null : folders
  } catch {
    return null
  }
}
