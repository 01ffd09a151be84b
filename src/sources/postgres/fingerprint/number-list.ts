const FIRST = 64

/** Numbers up to 2^32 - 1 in the order in which they were added, in four bytes each. */
export class NumberList {
  #room = new Uint32Array(FIRST)
  #length = 0

  add(number: number): void {
    if (this.#length === this.#room.length) {
      const larger = new Uint32Array(this.#room.length * 2)
      larger.set(this.#room)
      this.#room = larger
    }
    this.#room[this.#length++] = number
  }

  get length(): number {
    return this.#length
  }

  /** Valid until the next `add`. */
  all(): Uint32Array {
    return this.#room.subarray(0, this.#length)
  }
}
