// Preloaded into the program (`node --import`): a folder that is to be synced answers with the code in FOLDER_SYNC, as on
// file systems that know no such thing (EINVAL, EBADF, ENOTSUP), or on a disk that breaks (EIO).
import { type FileHandle, open } from 'node:fs/promises'

const root = await open('/')
const prototype: FileHandle = Object.getPrototypeOf(root)
await root.close()
const { sync } = prototype

prototype.sync = async function (this: FileHandle): Promise<void> {
  const code = process.env.FOLDER_SYNC ?? ''
  if ((await this.stat()).isDirectory()) throw Object.assign(new Error(`${code}: fsync`), { code, syscall: 'fsync' })
  await sync.call(this)
}
