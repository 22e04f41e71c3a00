/** Like `Promise.all`, but a rejection waits until all promises have settled. */
export async function all<T extends readonly unknown[]>(
  promises: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises)
  return (await Promise.all(promises)) as { -readonly [K in keyof T]: Awaited<T[K]> }
}
