/** A piece this long that fills half of its memory, or more, is kept as it came. */
const KEPT_LENGTH = 4 * 1024
const BLOCK_LENGTH = 16 * 1024

/**
 * Pure: bytes that come in pieces. Small pieces are copied: one byte can hold 64 KiB of memory, and a piece for each byte
 * takes many times as much. Others are kept, as copies of megabytes would be garbage.
 */
export class Gathered {
  readonly #pieces: Uint8Array[] = []
  /** Takes small pieces: those before `#from` are in `#pieces` already, and `#to` is free. */
  #block = Buffer.alloc(0)
  #from = 0
  #to = 0

  add(piece: Uint8Array): void {
    if (piece.length >= KEPT_LENGTH && 2 * piece.length >= piece.buffer.byteLength) {
      this.#close()
      this.#pieces.push(piece)
      return
    }
    for (let rest = piece; rest.length > 0; ) {
      if (this.#to === this.#block.length) this.#next()
      const part = rest.subarray(0, this.#block.length - this.#to)
      this.#block.set(part, this.#to)
      this.#to += part.length
      rest = rest.subarray(part.length)
    }
  }

  get bytes(): Buffer {
    this.#close()
    const [only, ...more] = this.#pieces
    if (!only) return Buffer.alloc(0)
    return more.length === 0 ? Buffer.from(only.buffer, only.byteOffset, only.length) : Buffer.concat(this.#pieces)
  }

  /** Ends the piece that the block has taken. */
  #close(): void {
    if (this.#to > this.#from) this.#pieces.push(this.#block.subarray(this.#from, this.#to))
    this.#from = this.#to
  }

  #next(): void {
    this.#close()
    this.#block = Buffer.allocUnsafeSlow(BLOCK_LENGTH)
    this.#from = 0
    this.#to = 0
  }
}
