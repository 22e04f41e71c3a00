/** Pure: values that were encoded as base64 once more than they should, as `data` of a Secret invites to. */

/** A value that is longer is no key. */
const MOST = 8192

/** Whether a text is the base64 of readable text. Keys that happen to be base64 decode to other bytes. */
export function looksEncoded(value: string): boolean {
  if (value.length < 8 || value.length > MOST || value.length % 4 !== 0) return false
  if (!/^[A-Za-z0-9+/]{6,8192}={0,2}$/.test(value)) return false
  return /^[\x20-\x7e\r\n\t]{1,8192}$/.test(Buffer.from(value, 'base64').toString('latin1'))
}

/** Words for such a value, and the cure: `the value of key "x" looks like base64: ...`. */
export const encodedWords = (key: string): string =>
  `the value of key "${key}" looks like base64 itself: store the bare value under stringData, or encode it only once under data`
