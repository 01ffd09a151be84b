const MOST_LEADING_WORDS = 4

/**
 * Knows whether a statement is inside the body of an SQL function, `BEGIN ATOMIC … END`, where a semicolon ends nothing.
 * As in psql, only statements that begin with CREATE [OR REPLACE] FUNCTION or PROCEDURE have such a body, only words
 * outside parentheses count, and END closes a CASE as well. Unlike psql, BEGIN counts only with ATOMIC behind it, so
 * that a function or a column named `begin` opens no body (psql 15 reads past the end of such a statement).
 */
export class AtomicBody {
  #leading = ''
  #leadingWords = 0
  #mayOpen = false
  #depth = 0
  #afterBegin = false

  get open(): boolean {
    return this.#depth > 0
  }

  /** Whether words still matter: false once it is clear that this statement has no body. */
  get possible(): boolean {
    return this.#mayOpen || this.#leadingWords < MOST_LEADING_WORDS
  }

  /** The next unquoted word outside parentheses, in lower case. */
  word(word: string): void {
    if (this.#leadingWords < MOST_LEADING_WORDS) this.#lead(word)
    if (!this.#mayOpen) return
    if (this.#depth === 0) {
      if (this.#afterBegin && word === 'atomic') this.#depth = 1
    } else if (word === 'case') this.#depth++
    else if (word === 'end') this.#depth--
    this.#afterBegin = word === 'begin'
  }

  /** Any token but a word: BEGIN and ATOMIC belong together only side by side. */
  otherToken(): void {
    this.#afterBegin = false
  }

  #lead(word: string): void {
    this.#leadingWords++
    this.#leading += `${word} `
    this.#mayOpen = /^create (or replace )?(function|procedure) /.test(this.#leading)
  }
}
