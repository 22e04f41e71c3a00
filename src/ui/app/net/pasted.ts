/** The printed URL, pasted into the tab of the page. */
import { entryIn } from '../model/route.ts'

/** Of a window, what tells that somebody has changed the fragment of its URL. */
interface Tab {
  addEventListener(type: 'hashchange', listener: () => void): void
  location: { readonly hash: string; reload(): void }
}

/**
 * Loads the page anew for it, as it advises who is not let in to open that URL: browsers load nothing where only the fragment
 * is another one, so the token would stay in the address, and nobody would be let in by it.
 */
export function takePasted(tab: Tab): void {
  tab.addEventListener('hashchange', () => {
    if (entryIn(tab.location.hash)) tab.location.reload()
  })
}
