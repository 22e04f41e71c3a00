/**
 * Reads a list object by object: of a page no more than one object is in memory as it came, however large they are.
 *
 * Only the bounds of the objects are looked for here, which takes a fraction of the time of a parser that reads byte by
 * byte: strings are skipped as a whole. JSON.parse reads each object, and what is around them.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** Bytes of a string that are looked at one by one: most strings are short, and a call that searches costs more than that. */
const SHORT = 32
/** Depth at which the items of a list begin: in the list, and in the array. */
const ITEMS_DEPTH = 2

/**
 * Returns the list, with what `keep` makes of each item. Items that are no objects are left out. Rejects with a
 * SyntaxError when the body is no JSON.
 */
export async function readList(body: AsyncIterable<Buffer>, keep: (item: object) => object): Promise<object> {
  const items: object[] = []
  const splitter = new ItemSplitter(text => items.push(keep(JSON.parse(text))))
  for await (const chunk of body) splitter.take(chunk)
  return { ...JSON.parse(splitter.rest), items }
}

/** Splits bytes, not text: in UTF-8 the bytes of quotes and brackets are part of nothing else. */
class ItemSplitter {
  readonly #onItem: (text: string) => void
  readonly #parts: Buffer[] = []
  /** As bytes: a chunk may end within a character. */
  #rest = ''
  #depth = 0
  #inItems = false
  #inString = false
  /** Whether a chunk has ended after the backslash that escapes the first byte of the next one. */
  #isEscaped = false

  constructor(onItem: (text: string) => void) {
    this.#onItem = onItem
  }

  /** All but the items. */
  get rest(): string {
    return Buffer.from(this.#rest, 'latin1').toString()
  }

  take(chunk: Buffer): void {
    let start = 0
    for (let at = 0; at < chunk.length; ) {
      if (this.#inString) {
        at = this.#endOfString(chunk, at)
        continue
      }
      switch (chunk[at++]) {
        case QUOTE:
          this.#inString = true
          break
        case 0x7b: // {
        case 0x5b: // [
          start = this.#open(chunk, start, at)
          break
        case 0x7d: // }
        case 0x5d: // ]
          start = this.#close(chunk, start, at)
      }
    }
    if (!this.#inItems) this.#rest += chunk.toString('latin1', start)
    else if (this.#depth > ITEMS_DEPTH) this.#parts.push(chunk.subarray(start))
  }

  /** Returns where what is read now has begun. `at`: behind the bracket. */
  #open(chunk: Buffer, start: number, at: number): number {
    this.#depth++
    // What is between two items belongs to none of them.
    if (this.#inItems) return this.#depth === ITEMS_DEPTH + 1 ? at - 1 : start
    if (this.#depth !== ITEMS_DEPTH) return start
    this.#rest += chunk.toString('latin1', start, at)
    this.#inItems = ITEMS.test(this.#rest.slice(-ITEMS_LENGTH))
    return at
  }

  #close(chunk: Buffer, start: number, at: number): number {
    this.#depth--
    if (!this.#inItems || this.#depth > ITEMS_DEPTH) return start
    if (this.#depth < ITEMS_DEPTH) {
      this.#inItems = false
      return at - 1
    }
    this.#parts.push(chunk.subarray(start, at))
    const [only, ...more] = this.#parts.splice(0)
    const item = only && more.length === 0 ? only : Buffer.concat([only ?? Buffer.alloc(0), ...more])
    this.#onItem(item.toString())
    return at
  }

  /** Returns where the string ends: behind its quote, or at the end of the chunk. */
  #endOfString(chunk: Buffer, at: number): number {
    let from = this.#isEscaped ? at + 1 : at
    const end = Math.min(from + SHORT, chunk.length)
    while (from < end) {
      const byte = chunk[from]
      if (byte === BACKSLASH) break
      from++
      if (byte !== QUOTE) continue
      this.#isEscaped = false
      this.#inString = false
      return from
    }
    for (;;) {
      const quote = chunk.indexOf(QUOTE, from)
      const end = quote < 0 ? chunk.length : quote
      let backslashes = 0
      while (end - backslashes > from && chunk[end - backslashes - 1] === BACKSLASH) backslashes++
      const isEscaped = backslashes % 2 === 1
      if (quote < 0) {
        this.#isEscaped = isEscaped
        return end
      }
      from = quote + 1
      if (isEscaped) continue
      this.#isEscaped = false
      this.#inString = false
      return from
    }
  }
}

const ITEMS = /"items"\s{0,8}:\s{0,8}\[$/
const ITEMS_LENGTH = 32
