/**
 * Like `Promise.all` over tasks, of which at most `limit` run at a time. A rejection waits for the rest, so that none
 * goes on beside the next reconcile. `first` is the index of the item that begins; those ahead of it come last.
 */
export async function inTurns<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<R>,
  first = 0,
): Promise<R[]> {
  const results = new Array<Promise<R>>(items.length)
  const entries = [...items.entries()]
  const turns = [...entries.slice(first), ...entries.slice(0, first)].values()
  const worker = async () => {
    for (const [index, item] of turns) {
      const result = task(item)
      results[index] = result
      await result.catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return Promise.all(results)
}
