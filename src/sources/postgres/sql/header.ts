import { NEWLINE } from './characters.ts'

const NOTHING = Buffer.alloc(0)
/** The settings at the head of a dump end within its first KiB; behind this many bytes nothing is looked at any more. */
const LONGEST_HEADER = 65_536

const SETTING = /^SET ([A-Za-z_][\w.]*) = (?:'(?:[^'\\]|'')*'|[^';\\]*);$/
const SETTING_OF_EACH_DUMP = 'standard_conforming_strings'
const PASSED = /^(?:[ \t]*|--.*|\\restrict .*|SELECT pg_catalog\.set_config\(.*\);)$/

/**
 * Makes a dump of a newer `pg_dump` loadable by its own server: at the head of the dump, where all lines are blank,
 * comments, `\restrict`, `SET name = value;` or `set_config`, each SET of a parameter that is not among `known` becomes a
 * comment line. Further settings can be added. From the first other line on (or behind 64 KiB) bytes pass untouched and uncopied. The result does not
 * depend on how the dump is cut into chunks.
 */
export class HeaderFilter {
  readonly #known: ReadonlySet<string>
  readonly #further: Buffer
  readonly #disarmed: string[] = []
  #pending: Buffer = NOTHING
  #seen = 0
  #passed = false

  /** `known`: the names in the source server's pg_settings, in any case. `further`: lines that follow a setting that each dump has. */
  constructor(known: ReadonlySet<string>, further = '') {
    this.#further = Buffer.from(further, 'latin1')
    this.#known = new Set([...known].map(name => name.toLowerCase()))
  }

  /** The parameters whose SET became a comment, in their order. */
  get disarmed(): readonly string[] {
    return this.#disarmed
  }

  /** What may be written on now: possibly nothing, possibly bytes of earlier chunks too. */
  write(chunk: Buffer): Buffer {
    if (this.#passed) return chunk
    const bytes = Buffer.concat([this.#pending, chunk])
    const lines: Buffer[] = []
    const rest = bytes.subarray(this.#readLines(bytes, lines))
    this.#pending = this.#passed ? NOTHING : rest
    return Buffer.concat(this.#passed ? [...lines, rest] : lines)
  }

  /** What is left when the dump ends within its head. */
  end(): Buffer {
    this.#passed = true
    return this.#pending
  }

  /** Reads the whole lines of the head into `lines` and returns where the rest begins. */
  #readLines(bytes: Buffer, lines: Buffer[]): number {
    let at = 0
    while (!this.#passed) {
      const newline = bytes.indexOf(NEWLINE, at)
      const end = newline === -1 ? bytes.length : newline + 1
      const line = this.#seen + end - at > LONGEST_HEADER ? null : this.#line(bytes.subarray(at, end), newline !== -1)
      if (line === 'unfinished') break
      if (line === null) this.#passed = true
      else {
        lines.push(line)
        this.#seen += end - at
        at = end
      }
    }
    return at
  }

  /** A line of the head as it is to be written; null for the first line behind the head. */
  #line(line: Buffer, whole: boolean): Buffer | 'unfinished' | null {
    if (!whole) return 'unfinished'
    const text = line.toString('latin1', 0, line.length - 1)
    const name = SETTING.exec(text)?.[1]
    if (name === undefined) return PASSED.test(text) ? line : null
    if (name === SETTING_OF_EACH_DUMP) return Buffer.concat([line, this.#further])
    if (this.#known.has(name.toLowerCase())) return line
    this.#disarmed.push(name)
    return Buffer.from(`-- ${text} (the source server does not know it)\n`, 'latin1')
  }
}
