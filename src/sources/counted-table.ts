/** One table of an archive, as its manifest counts it. */
export interface CountedTable {
  /** As its manifest names it: `public.client`, quoted where SQL needs it. */
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
  /** Of its rows as a multiset: the same rows have the same digest, whatever their order. */
  readonly digest: string
  /** Of a partition: the table that it is of in the end, as far as the manifest says so; else null. */
  readonly root: string | null
}
