/** What keeps the page from showing the cluster as it is. */
import type { ComponentChildren } from 'preact'
import type { Link } from '../../contract.ts'
import { type Connection, type Told, toldOf } from '../model/freshness.ts'
import { momentOf } from './clock.ts'
import { Said } from './said.tsx'

export function Banners({ connection, links }: { connection: Connection; links: readonly Link[] }) {
  const lost = 'words' in connection ? connection : undefined
  // Without its server, the page knows no more of those.
  const told = lost === undefined ? toldOf(links) : []
  return (
    <>
      {lost !== undefined && (
        <Missing>
          <p role="alert" class="banner bad">
            <strong>{lost.state === 'lost' ? `Not live since ${momentOf(lost.since)}` : 'Not let in'}</strong>
            {lost.words}
          </p>
        </Missing>
      )}
      {/* It is there before it has anything to say, or screen readers miss that. */}
      <div role="status">
        {told.length > 0 && (
          <Missing>
            {told.map(one => (
              <p key={`${one.state} ${one.what}`} class={`banner ${one.state === 'Denied' ? 'note' : 'bad'}`}>
                <strong>{titleOf(one)}</strong>
                {one.words !== undefined && <Said text={one.words} />}
              </p>
            ))}
          </Missing>
        )}
      </div>
    </>
  )
}

const Missing = ({ children }: { children: ComponentChildren }) => (
  <section class="banners" aria-label="What is missing">
    {children}
  </section>
)

const titleOf = ({ state, what, since }: Told): string =>
  state === 'Denied'
    ? `No ${what[0]?.toLowerCase()}${what.slice(1)}`
    : `${what} are not live since ${momentOf(since ?? '')}`
