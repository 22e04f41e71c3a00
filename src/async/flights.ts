/** Fetches under way by key: callers who ask for the same thing while it is being fetched share the fetch. */
export class Flights<T> {
  readonly #running = new Map<string, Promise<T>>()

  share(key: string, fetch: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key)
    if (running) return running
    const flight = fetch().finally(() => this.#running.delete(key))
    this.#running.set(key, flight)
    return flight
  }
}
