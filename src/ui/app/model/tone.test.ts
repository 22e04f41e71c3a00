import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectorItem, storeItem } from '../../../../test/support/ui-items.ts'
import { TONE_WORDS, TONES, tallyOf, tallyWords, toneOf } from './tone.ts'

test('the tone is the state, or Caution for what is Ready with something to know', () => {
  assert.equal(toneOf(storeItem('a')), 'Ready')
  assert.equal(toneOf(storeItem('a', { cautions: 1 })), 'Caution')
  assert.equal(toneOf(storeItem('a', { cautions: 1, state: 'Stalled' })), 'Stalled')
})

test('each tone has its words and its place', () =>
  assert.deepEqual(Object.keys(TONE_WORDS).toSorted(), [...TONES].toSorted()))

test('a tally says the worst first', () => {
  const tally = tallyOf([storeItem('a'), storeItem('b'), storeItem('c', { state: 'Stalled' }), connectorItem('d')])
  assert.equal(tallyWords(tally), '1 stalled, 3 ready')
  assert.equal(tallyWords(tallyOf([])), '')
})
