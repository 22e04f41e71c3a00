/** No answer came in time. Apart from deadline.ts, so that pure files may recognise it. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'

  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}
