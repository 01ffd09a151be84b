/**
 * Where copies and verdicts of the first version's manifests may be. Closed for ever: it refuses a manifest with any other
 * word there. What is known at further destinations stands in two fields of their own, which it passes over and keeps.
 */
export const FIRST_PLACES = ['volume', 'ftp', 's3'] as const

interface Placed {
  readonly copies: readonly { readonly destination: string }[]
  readonly verifications: readonly { readonly from: string; readonly at: string }[]
}

interface Further<Copy, Verification> {
  readonly furtherCopies?: readonly Copy[]
  readonly furtherVerifications?: readonly Verification[]
}

/** What stands in a file as one list each: copies, and verifications by their time. Nothing else changes. */
export function gathered<Stored extends Placed & Further<Placed['copies'][number], Placed['verifications'][number]>>(
  stored: Stored,
): Omit<Stored, keyof Further<unknown, unknown>> {
  const { furtherCopies = [], furtherVerifications = [], ...others } = stored
  if (furtherCopies.length + furtherVerifications.length === 0) return others
  const verifications = [...stored.verifications, ...furtherVerifications]
  return {
    ...others,
    copies: [...stored.copies, ...furtherCopies],
    verifications: verifications.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  }
}

/** The same as it is written into a file. */
export function dividedByPlace<Manifest extends Placed>(
  manifest: Manifest,
): Manifest & Further<Manifest['copies'][number], Manifest['verifications'][number]> {
  const [copies, furtherCopies] = divide(manifest.copies, ({ destination }) => destination)
  const [verifications, furtherVerifications] = divide(manifest.verifications, ({ from }) => from)
  return {
    ...manifest,
    copies,
    verifications,
    ...(furtherCopies.length === 0 ? {} : { furtherCopies }),
    ...(furtherVerifications.length === 0 ? {} : { furtherVerifications }),
  }
}

function divide<Item>(
  items: readonly Item[],
  placeOf: (item: Item) => string,
): readonly [readonly Item[], readonly Item[]] {
  const isFirst = (item: Item): boolean => FIRST_PLACES.some(place => place === placeOf(item))
  return [items.filter(isFirst), items.filter(item => !isFirst(item))]
}
