/** Pure: bytes that come in pieces, in one buffer. A piece itself must not be kept: one byte can hold 64 KiB of memory. */
export class Gathered {
  #buffer: Buffer = Buffer.alloc(0)
  #length = 0

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length))
      larger.set(this.bytes)
      this.#buffer = larger
    }
    this.#buffer.set(piece, this.#length)
    this.#length = length
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }
}
