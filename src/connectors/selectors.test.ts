import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuseAllowedSelector } from './selectors.ts'

const watched = { has: () => true, isRead: () => true }
const selecting = { from: 'Selector', selector: { matchLabels: { team: 'x' } } } as const

test('a selector of namespaces is refused where their labels can’t be read, with the field and two cures', () => {
  const { intent, reason, message } =
    refuseAllowedSelector({ allowedNamespaces: selecting }, { watched }) ?? assert.fail()
  assert.deepEqual([intent, reason], ['stalled', 'SelectorNotSupported'])
  assert.match(message, /^spec\.allowedNamespaces: selects .* --watch-namespaces: use from: All, .* or from: Same$/)
})

for (const [name, allowedNamespaces, view] of [
  ['a selector is fine where labels can be read', selecting, {}],
  ['what selects nothing is fine where labels can’t be read', { from: 'All' as const }, { watched }],
  ['what allows nothing is fine where labels can’t be read', undefined, { watched }],
] as const) {
  test(name, () => {
    assert.equal(refuseAllowedSelector(allowedNamespaces ? { allowedNamespaces } : {}, view), undefined)
  })
}
