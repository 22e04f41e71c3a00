/** Pure: whether what the page shows is as the cluster has it now, and if not, since when. */
import type { Link } from '../../contract.ts'

/** How the page is connected to its server. `since`: in ms, by the browser's clock. */
export type Connection = { state: 'connecting' | 'live' } | { state: 'lost' | 'refused'; words: string; since: number }

/** What has come of an attempt to connect. */
export type Attempt = { state: 'connecting' | 'live' } | { state: 'lost' | 'refused'; words: string }

/** The same object when nothing is different. A new attempt after a loss changes nothing before it has succeeded. */
export function afterAttempt(old: Connection, attempt: Attempt, now: number): Connection {
  if (attempt.state === old.state && wordsOf(attempt) === wordsOf(old)) return old
  if (attempt.state === 'connecting' && old.state === 'lost') return old
  return 'words' in attempt ? { ...attempt, since: 'since' in old ? old.since : now } : { state: attempt.state }
}

const wordsOf = (given: Attempt): string | undefined => ('words' in given ? given.words : undefined)

export type Freshness = Connection['state'] | 'old'

/** Old: the page has its server, and that does not have the cluster. */
export const freshnessOf = ({ state }: Connection, links: readonly Link[]): Freshness =>
  state === 'live' && links.some(({ state }) => state === 'Broken') ? 'old' : state

/** What a person is told of links that are not live: those that are broken together, as they have one cause. */
export interface Told {
  state: 'Broken' | 'Denied'
  /** `Connectors, stores and Secrets`. */
  what: string
  words: string | undefined
  since: string | undefined
}

export function toldOf(links: readonly Link[]): Told[] {
  const broken = links.filter(({ state }) => state === 'Broken')
  const denied = links.filter(({ state }) => state === 'Denied')
  return [...(broken.length > 0 ? [told('Broken', broken)] : []), ...denied.map(link => told('Denied', [link]))]
}

function told(state: Told['state'], links: readonly Link[]): Told {
  const [since] = links.flatMap(({ since }) => since ?? []).sort()
  return { state, what: listed(links.map(({ what }) => NAMES[what])), words: links[0]?.words, since }
}

const NAMES: Readonly<Record<Link['what'], string>> = { connectors: 'connectors', stores: 'stores', secrets: 'Secrets' }

function listed(names: readonly string[]): string {
  const all = [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ')
  return `${all[0]?.toUpperCase() ?? ''}${all.slice(1)}`
}
