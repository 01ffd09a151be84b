import { didYouMean, nearest, slipsBetween } from '../../config/did-you-mean.ts'
import { OperatorError } from '../../errors.ts'
import type { Snapshot, TableChange } from './compare-snapshots.ts'
import type { HistoryStep, SnapshotName } from './table-history.ts'

/** One table in one archive; `rows` is null where it is not there. */
export interface TablePoint extends SnapshotName {
  readonly rows: number | null
  /** `first`: it is in the first archive, and nobody knows what was before. */
  readonly change: TableChange['kind'] | 'first' | 'same' | 'absent'
  /** Of one that was renamed: what it was called before, where it is there, else what it is called since. */
  readonly otherName: string | null
}

/** The tables that a person may have meant, through the archives that are added from the oldest to the newest. */
export class TableLines {
  readonly #lines = new Map<string, TablePoint[]>()
  readonly #names = new Set<string>()
  readonly #wanted: string
  #isFirst = true

  /** `wanted` is the name of a table, or the end of one behind its schema. */
  constructor(wanted: string) {
    this.#wanted = wanted
  }

  add({ tables }: Snapshot, { archive, takenAt, changes }: HistoryStep): void {
    for (const name of tables.keys()) this.#names.add(name)
    for (const name of [...this.#names].filter(each => this.#isMeant(each))) {
      const change = changes.find(({ table, from }) => table === name || from === name)
      const rows = tables.get(name)?.rows ?? null
      const otherName = change?.from === name ? change.table : (change?.from ?? null)
      const point = {
        archive,
        takenAt,
        rows,
        otherName,
        change: change?.kind ?? (rows === null ? 'absent' : this.#isFirst ? 'first' : 'same'),
      } as const
      const line = this.#lines.get(name) ?? []
      line.push(point)
      this.#lines.set(name, line)
    }
    this.#isFirst = false
  }

  /** The one that is meant, and its line. Throws an OperatorError of kind `usage` where there is none, or more than one. */
  only(): { readonly table: string; readonly points: readonly TablePoint[] } {
    const exact = this.#lines.get(this.#wanted)
    if (exact !== undefined) return { table: this.#wanted, points: exact }
    const [first, ...others] = this.#lines
    if (first !== undefined && others.length === 0) return { table: first[0], points: first[1] }
    if (first === undefined) this.#none()
    const names = [...this.#lines.keys()].join(', ')
    throw new OperatorError('usage', `--table: this may mean ${names}; expected the name with its schema`)
  }

  #isMeant(name: string): boolean {
    return name === this.#wanted || name.endsWith(`.${this.#wanted}`)
  }

  #none(): never {
    const near = nearest([...this.#names], name => [
      slipsBetween(this.#wanted, name),
      slipsBetween(this.#wanted, name.slice(name.indexOf('.') + 1)),
    ])
    const message = '--table: no archive has a table of that name; expected one as --changes shows it'
    const question = didYouMean(near)
    throw new OperatorError('usage', message, question === null ? {} : { hint: question })
  }
}
