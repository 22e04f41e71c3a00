import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { takePasted } from './pasted.ts'

/** A tab whose fragment is another one now. */
function after(hash: string): number {
  let loads = 0
  const tab = Object.assign(new EventTarget(), { location: { hash, reload: () => void loads++ } })
  takePasted(tab)
  tab.dispatchEvent(new Event('hashchange'))
  return loads
}

describe('a URL that is pasted into the tab of the page', () => {
  // A browser loads nothing where only the fragment is another one: the tab stayed out, with the token in its address.
  for (const [fragment, loads] of [
    ['#token=abc_-1', 1],
    ['#code=abc_-1', 1],
    ['#/timeline', 0],
    ['', 0],
  ] as const) {
    test(`is loaded ${loads === 1 ? 'anew' : 'by no request'} with the fragment "${fragment}"`, () =>
      assert.equal(after(fragment), loads))
  }
})
