/** The key by which the API joins the items of a list in a pod; every other list is replaced as a whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
}

type Fields = Readonly<Record<string, unknown>>

/**
 * What `kubectl patch --type=strategic` makes of an object, and so `oc apply` of one that `oc create` made: nothing tells
 * it then what to remove. Directives such as `$patch` are not known here.
 */
export function strategicMerge(live: unknown, patch: unknown, field = ''): unknown {
  if (isFields(live) && isFields(patch)) return mergeFields(live, patch)
  const key = MERGE_KEYS[field]
  if (key !== undefined && Array.isArray(live) && Array.isArray(patch)) return mergeLists(live, patch, key)
  return patch
}

function mergeFields(live: Fields, patch: Fields): Fields {
  const merged = Object.entries(patch).map(([name, value]) => {
    return [name, name in live ? strategicMerge(live[name], value, name) : value]
  })
  return { ...live, ...Object.fromEntries(merged) }
}

function mergeLists(live: readonly unknown[], patch: readonly unknown[], key: string): readonly unknown[] {
  const keyOf = (item: unknown): unknown => (isFields(item) ? item[key] : undefined)
  const patched = patch.map(item => {
    const before = live.find(each => keyOf(each) === keyOf(item))
    return before === undefined ? item : strategicMerge(before, item)
  })
  const names = new Set(patch.map(keyOf))
  return [...patched, ...live.filter(each => !names.has(keyOf(each)))]
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
