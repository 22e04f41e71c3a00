/** Says what happens again and again only now and then. */

type Say = (fields: object, message: string) => void

export interface SeldomOptions {
  /** Lines that are said at once. */
  atOnce: number
  /** After so many ms, one more may be said. */
  everyMs: number
  /** A clock in ms that never goes back. */
  now?: () => number
}

/** Returns a function that says a line, or keeps count of those that it has left out since the last one. */
export function seldom(say: Say, { atOnce, everyMs, now = () => performance.now() }: SeldomOptions): Say {
  let may = atOnce
  let at = now()
  let leftOut = 0
  return (fields, message) => {
    const more = Math.floor((now() - at) / everyMs)
    if (more > 0) {
      may = Math.min(atOnce, may + more)
      at += more * everyMs
    }
    if (may === 0) {
      leftOut++
      return
    }
    may--
    say(leftOut > 0 ? { ...fields, leftOut } : fields, message)
    leftOut = 0
  }
}
