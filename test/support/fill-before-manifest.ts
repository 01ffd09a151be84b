// Preloaded into the program (`node --import`): as soon as it opens the first file of a manifest, not a byte more fits on
// the volume FILL. What takes the room lies there as `filler`.
import { closeSync, openSync, writeSync } from 'node:fs'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const { open } = files
files.open = async (path, ...rest) => {
  if (String(path).endsWith('.sql.gz.json.in_progress')) fillUp()
  return await open(path, ...rest)
}
syncBuiltinESMExports()

function fillUp(): void {
  const file = openSync(`${process.env.FILL}/filler`, 'a')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch {
    closeSync(file)
  }
}
