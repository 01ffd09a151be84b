/** A folder on an SSH server, as `SFTP_URL` names it. */
export interface SftpAddress {
  readonly user: string
  /** A name or an address, an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
  /** As the server reads it: absolute, or from the home folder of the user; empty: that folder itself. */
  readonly folder: string
}

const SHAPE = /^sftp:\/\/([^/?#@]+)@([^/?#@]+)(\/[^?#]*)?$/i
// A name that begins with a hyphen would be an option of ssh.
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.][a-z0-9_.-]*))(?::(\d{1,5}))?$/i
/** What ssh takes on its command line: nothing that a shell would read. A colon would begin a password. */
const USER = /^(?!-)[^\s\p{Cc}'"`;&<>|(){}:\\]+$/u
const CONTROL = /\p{Cc}/u
const DEFAULT_PORT = 22

/**
 * Reads `sftp://user@host[:port]/path/`; null for everything else, an address with a password among it. The path counts from
 * the root, and from the home folder where it begins with `/~/`. It may hold `%XX`.
 */
export function parseSftpAddress(text: string): SftpAddress | null {
  const [, name = '', authority = '', path = ''] = SHAPE.exec(text.trim()) ?? []
  const [, address, hostName, digits] = HOST.exec(authority) ?? []
  const host = address ?? hostName
  const user = decoded(name)
  const folder = folderOf(path)
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  if (host === undefined || user === null || folder === null || !USER.test(user)) return null
  return port < 1 || port > 65_535 ? null : { user, host, port, folder }
}

/** An address as a person writes it, without the port that goes without saying. */
export function sftpAddressText({ user, host, port, folder }: SftpAddress): string {
  const shownHost = host.includes(':') ? `[${host}]` : host
  const shownPort = port === DEFAULT_PORT ? '' : `:${port}`
  return `sftp://${user}@${shownHost}${shownPort}${folder.startsWith('/') ? '' : '/~/'}${folder}`
}

/** Null when it can't be decoded, holds a control character, or leads out of a folder that it names. */
function folderOf(path: string): string | null {
  const text = decoded(path)
  if (text === null) return null
  const isFromHome = /^\/~(?:\/|$)/.test(path)
  const names = (isFromHome ? text.slice(2) : text).split('/').filter(name => name !== '' && name !== '.')
  if (names.some(name => name === '..' || CONTROL.test(name))) return null
  return `${isFromHome ? '' : '/'}${names.join('/')}`
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
