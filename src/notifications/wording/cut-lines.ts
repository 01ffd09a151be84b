/** Room for the line that says how much was cut. */
const MARKER_ROOM = 40

/**
 * The lines joined, at most `longest` UTF-16 units long: whole lines are left out of the middle, so that both the worst,
 * which stands first, and the end are kept. `longest` is at least 100.
 */
export function cutLines(lines: readonly string[], longest: number): string {
  const whole = lines.join('\n')
  if (whole.length <= longest) return whole
  const room = longest - MARKER_ROOM
  const short = lines.map(line => shortened(line, Math.floor(room / 3)))
  const tail = fitting(short.toReversed(), Math.floor(room / 3)).toReversed()
  const head = fitting(short.slice(0, short.length - tail.length), room - lengthOf(tail))
  const missing = lines.length - head.length - tail.length
  const marker = missing === 0 ? [] : [`… ${missing} ${missing === 1 ? 'line' : 'lines'} left out …`]
  return [...head, ...marker, ...tail].join('\n')
}

/** As many of the first lines as fit, each with its line break. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  let used = 0
  const end = lines.findIndex(line => {
    used += line.length + 1
    return used > room
  })
  return end === -1 ? lines : lines.slice(0, end)
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0)
}

/** A line that would take all the room; without backticks, since half a pair of them would swallow what follows. */
function shortened(line: string, longest: number): string {
  if (line.length < longest) return line
  return `${line.replaceAll('`', '').slice(0, longest - 2)}…`.toWellFormed()
}
