import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolderBelow, pathBelow } from '../../system/below.ts'
import { ignoring } from '../../system/error-code.ts'
import { FileFault } from '../../system/file-fault.ts'
import { readPlainFile } from '../../system/plain-file.ts'
import { writeSynced } from '../../system/publish-file.ts'
import { MOST_BYTES } from '../../system/size-limits.ts'
import type { Channel } from '../delivery.ts'
import type { Notice } from '../notice.ts'

/** A notice that waits on the volume. `name` sorts by the time at which it was put there. */
export interface StoredNotice {
  readonly name: string
  readonly since: Date
  readonly notice: Notice
}

/** What waits to be told by one channel, as files that outlive the process. No address and no secret is in them. */
export interface Outbox {
  /** Resolves with the file's name when it is on the disk. Rejects with what the file system says. */
  store(notice: Notice, now: Date): Promise<string>
  /** Those of every run, oldest first; files that can't be read are removed. */
  list(): Promise<readonly StoredNotice[]>
  /** False when it is gone, because another run has told it. */
  has(name: string): Promise<boolean>
  remove(name: string): Promise<void>
}

const FILE = /^(\d{14,15})-(\d{6})-[0-9a-f]{8}\.json$/

/** Opens the folder of one channel below `.backup/outbox`; it is made when it is needed. */
export function openOutbox(backupDir: string, channel: Channel): Outbox {
  const below = `.backup/outbox/${channel}`
  const folder = join(backupDir, below)
  let counter = 0
  return {
    async store(notice, now) {
      counter = (counter + 1) % 1_000_000
      const time = String(now.getTime()).padStart(14, '0')
      const name = `${time}-${String(counter).padStart(6, '0')}-${randomBytes(4).toString('hex')}.json`
      await makeFolderBelow(backupDir, below)
      await writeWhole(join(folder, name), JSON.stringify(notice))
      return name
    },
    async list() {
      await pathBelow(backupDir, `${below}/.`)
      const names = (await readdir(folder).catch(ignoring('ENOENT'))) ?? []
      const stored: StoredNotice[] = []
      for (const name of names.filter(each => FILE.test(each)).sort()) {
        const notice = await readNotice(join(folder, name))
        if (notice === 'gone') continue
        if (notice === 'broken') await rm(join(folder, name), { force: true }).catch(passOver)
        else stored.push({ name, since: new Date(Number(name.slice(0, name.indexOf('-')))), notice })
      }
      return stored
    },
    async has(name) {
      return (await readNotice(join(folder, name))) !== 'gone'
    },
    remove: name => rm(join(folder, name), { force: true }),
  }
}

/** A reader sees the whole file or none. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.in_progress`
  try {
    await writeSynced(temporary, text)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

async function readNotice(path: string): Promise<Notice | 'gone' | 'broken'> {
  const bytes = await readPlainFile(path, { mostBytes: MOST_BYTES.notice, links: 'refuse' })
    .catch(ignoring('ENOENT'))
    .catch(ifFault)
  if (bytes === undefined) return 'gone'
  if (bytes === null) return 'broken'
  try {
    const notice = JSON.parse(bytes.toString('utf8')) as Partial<Notice> | null
    const isWhole = typeof notice?.at === 'string' && Array.isArray(notice.message?.title)
    return isWhole && Array.isArray(notice.message.lines) ? (notice as Notice) : 'broken'
  } catch {
    return 'broken'
  }
}

/** What can't be removed, such as a folder of that name, is passed over the next time too. */
function passOver(): void {}

function ifFault(error: unknown): null {
  if (error instanceof FileFault) return null
  throw error
}
