/** What the command line has put into the URL. It is taken out of there, as people share URLs and screens. */
import { entryIn } from '../model/route.ts'

const KEPT = 'artifactstore-token'

/** `exchange`: gets a token for a code, which works once. Rejects where it does. */
export async function takeToken(exchange: (code: string) => Promise<string>): Promise<string> {
  const found = entryIn(location.hash)
  if (!found) return sessionStorage.getItem(KEPT) ?? ''
  const { kind, word, rest } = found
  history.replaceState(null, '', `${location.pathname}${rest === '#' ? '' : rest}`)
  // Not to be let in is clearer than to go on as somebody else.
  sessionStorage.removeItem(KEPT)
  const token = kind === 'code' ? await exchange(word) : word
  sessionStorage.setItem(KEPT, token)
  return token
}
