/** Pure: results of functions of objects that nobody changes, such as those of the caches, and of texts. */
import { setNewest } from './fair-map.ts'

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

/** The same for the newest objects only, at most `max`: the results for all of them would take memory. */
export function rememberedLately<K extends object, V>(work: (key: K) => V, max: number): (key: K) => V {
  const known = new WeakMap<K, { value: V }>()
  // Weak, too: what was deleted could take more than all that is left.
  const newest = new Set<WeakRef<K>>()
  return key => {
    const before = known.get(key)
    if (before) return before.value
    const value = work(key)
    known.set(key, { value })
    newest.add(new WeakRef(key))
    const [oldest] = newest
    if (newest.size <= max || !oldest) return value
    newest.delete(oldest)
    const forgotten = oldest.deref()
    if (forgotten) known.delete(forgotten)
    return value
  }
}

/** The same for texts. */
export function rememberedTexts<V>(work: (text: string) => V, max: number): (text: string) => V {
  const known = new Map<string, { value: V }>()
  return text => {
    const before = known.get(text)
    if (before) return before.value
    const value = work(text)
    setNewest(known, text, { value }, max)
    return value
  }
}
