const TRAILER = '-- PostgreSQL database dump complete'

/**
 * Decides whether a dump is whole: the trailer of `pg_dump` was read as a comment between statements, and nothing but
 * comments and `\unrestrict` came after it. A dump that began with `\restrict` is whole only with its `\unrestrict`,
 * which `pg_dump` writes last.
 */
export class TrailerWatch {
  #seen = false
  #restrictKey: string | null = null

  comment(text: string): void {
    if (text === TRAILER) this.#seen = true
  }

  metaCommand(text: string): void {
    const [, command, key = ''] = /^\\(\w*)\s*(.*?)\s*$/.exec(text) ?? []
    if (command === 'unrestrict' && key === this.#restrictKey) this.#restrictKey = null
    else this.#seen = false
    if (command === 'restrict') this.#restrictKey = key
  }

  /** A statement or a COPY block: whatever was said before, the dump goes on. */
  content(): void {
    this.#seen = false
  }

  get complete(): boolean {
    return this.#seen && this.#restrictKey === null
  }
}
