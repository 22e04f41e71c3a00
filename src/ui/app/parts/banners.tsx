/** What keeps the page from showing the cluster as it is. */
import type { Link } from '../../contract.ts'
import type { Connection } from '../net/server.ts'
import { Said } from './said.tsx'

export function Banners({ connection, links }: { connection: Connection; links: readonly Link[] }) {
  const lost = connection.state === 'lost' || connection.state === 'refused' ? connection.words : undefined
  const told = links.filter(({ state }) => state !== 'Live')
  if (lost === undefined && told.length === 0) return null
  return (
    <section class="banners" aria-label="What is missing">
      {lost !== undefined && (
        <p role="alert" class="banner bad">
          {lost}
        </p>
      )}
      {told.map(({ what, state, words }) => (
        <p key={what} role="status" class={`banner ${state === 'Denied' ? 'note' : 'bad'}`}>
          <strong>{state === 'Denied' ? `No ${what}` : `${what[0]?.toUpperCase()}${what.slice(1)} may be old`}</strong>
          {words !== undefined && <Said text={words} />}
        </p>
      ))}
    </section>
  )
}
