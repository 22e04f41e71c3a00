/** Pure: how an object is, as one word that the page shows by a colour, a shape and a text. */
import type { ConnectorItem, State, StoreItem } from '../../contract.ts'

/** The one to look at first comes first. */
export const TONES = ['Stalled', 'Working', 'Unseen', 'Trouble', 'Caution', 'Suspended', 'Ready'] as const
/** A state, or Caution: Ready, with something that people should know. */
export type Tone = State | 'Caution'

type Item = Pick<ConnectorItem | StoreItem, 'state' | 'cautions'>

export const toneOf = ({ state, cautions }: Item): Tone => (state === 'Ready' && cautions > 0 ? 'Caution' : state)

export const TONE_WORDS: Readonly<Record<Tone, string>> = {
  Stalled: 'Stalled: a person must act',
  Working: 'Not ready, is tried again',
  Unseen: 'Not looked at yet',
  Trouble: 'Ready, with trouble',
  Caution: 'Ready, with a caution',
  Suspended: 'Suspended on purpose',
  Ready: 'Ready',
}

export type Tally = Readonly<Record<Tone, number>>

/** How many objects have each tone. */
export function tallyOf(items: Iterable<Item>): Tally {
  const tally = { Stalled: 0, Working: 0, Unseen: 0, Trouble: 0, Caution: 0, Suspended: 0, Ready: 0 }
  for (const item of items) tally[toneOf(item)]++
  return tally
}

/** `3 stalled, 12 ready`, the worst first; empty for nothing. */
export const tallyWords = (tally: Tally): string =>
  TONES.filter(tone => tally[tone] > 0)
    .map(tone => `${tally[tone]} ${tone.toLowerCase()}`)
    .join(', ')
