/** Pure: why an answer was not read to its end. */

/** An answer that was not read: more came than the operation takes. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
  readonly code = 'AnswerTooLarge'
  /** SDKs add words of their own to the message. */
  readonly words: string

  constructor(bytes: number) {
    const words = `more than ${sizeWords(bytes)}`
    super(words)
    this.words = words
  }
}

const sizeWords = (bytes: number): string => (bytes < 2 ** 20 ? `${bytes / 1024} KiB` : `${bytes / 2 ** 20} MiB`)

/** An answer that was not read: too many large ones were being read. */
export class AnswersBusy extends Error {
  override readonly name = 'AnswersBusy'
  readonly code = 'AnswersBusy'
}
