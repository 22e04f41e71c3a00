/** Pure: results of functions of objects that nobody changes, such as those of the caches. */

/** Makes a function work once for each object. Its results must not be changed. */
export function remembered<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { value: V }>()
  return key => {
    const before = known.get(key)
    if (before) return before.value
    const value = work(key)
    known.set(key, { value })
    return value
  }
}

/** The same for the newest objects or texts only, at most `max`: the results for all of them would take memory. */
export function rememberedLately<K, V>(work: (key: K) => V, max: number): (key: K) => V {
  const known = new Map<K, { value: V }>()
  return key => {
    const before = known.get(key)
    if (before) return before.value
    const value = work(key)
    known.set(key, { value })
    const [oldest] = known.keys()
    if (known.size > max && oldest !== undefined) known.delete(oldest)
    return value
  }
}
