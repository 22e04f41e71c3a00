/** The token that the command line has put into the URL. It is taken out of there, as people share URLs and screens. */
import { tokenIn } from '../model/route.ts'

const KEPT = 'artifactstore-token'

export function takeToken(): string {
  const found = tokenIn(location.hash)
  if (!found) return sessionStorage.getItem(KEPT) ?? ''
  sessionStorage.setItem(KEPT, found.token)
  history.replaceState(null, '', `${location.pathname}${found.rest === '#' ? '' : found.rest}`)
  return found.token
}
