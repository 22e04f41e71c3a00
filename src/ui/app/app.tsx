/** The frame of the page: where one is, the way to the views, and the view itself. */

import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { harmless } from '../../cli/text/harmless.ts'
import type { Connection } from './model/freshness.ts'
import { heardOf, type Known } from './model/known.ts'
import { type Route, titleOf } from './model/route.ts'
import { useKnown, useNow, useRoute } from './net/hooks.ts'
import type { Server } from './net/server.ts'
import { Announcer, useAnnounce } from './parts/announcer.tsx'
import { Banners } from './parts/banners.tsx'
import { Header } from './parts/header.tsx'
import { ConnectorView } from './views/connector.tsx'
import { MapView } from './views/map.tsx'
import { StoreView } from './views/store.tsx'
import { TimelineView } from './views/timeline.tsx'
import { TroubleView } from './views/trouble.tsx'

export function App({ server }: { server: Server }) {
  const { known, connection } = useKnown(server)
  const route = useRoute()
  const main = useFocusOnNewPage(route, known?.context.where)
  const skip = useCallback((event: Event) => {
    event.preventDefault()
    main.current?.focus()
  }, [])
  return (
    <Announcer>
      <Changes known={known} />
      {/* biome-ignore lint/a11y/useValidAnchor: a way to the content is a link, and the fragment of the URL is the view's. */}
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Header route={route} known={known} connection={connection} />
      <Banners connection={connection} links={known?.links ?? []} />
      <main id="main" ref={main} tabIndex={-1} class={`view view-${route.view}`}>
        {known ? <View route={route} known={known} server={server} /> : <Waiting connection={connection} />}
      </main>
    </Announcer>
  )
}

function View({ route, known, server }: { route: Route; known: Known; server: Server }) {
  const now = useNow(known.skew)
  switch (route.view) {
    case 'map':
      return <MapView known={known} now={now} />
    case 'store':
      return <StoreView key={`${route.namespace}/${route.name}`} {...route} known={known} now={now} server={server} />
    case 'connector':
      return (
        <ConnectorView key={`${route.namespace}/${route.name}`} {...route} known={known} now={now} server={server} />
      )
    case 'timeline':
      return <TimelineView known={known} now={now} />
    case 'trouble':
      return <TroubleView known={known} server={server} />
  }
}

const Waiting = ({ connection: { state } }: { connection: Connection }) => (
  <p class="waiting" aria-busy={state === 'connecting'}>
    {state === 'lost' || state === 'refused' ? 'There is nothing to show yet.' : 'Reading connectors and stores …'}
  </p>
)

/** Is heard, not seen. */
function Changes({ known }: { known: Known | undefined }) {
  const announce = useAnnounce()
  const before = useRef<Known | undefined>(undefined)
  useEffect(() => {
    const text = known ? heardOf(before.current, known) : ''
    before.current = known
    if (text !== '') announce(text)
  }, [known])
  return null
}

/** Whoever goes to another page hears its title, and goes on from its top. */
function useFocusOnNewPage(route: Route, where: string | undefined) {
  const main = useRef<HTMLElement>(null)
  const title = titleOf(route)
  const last = useRef(title)
  // Before it is painted: a key that is pressed then is for the new page.
  useLayoutEffect(() => {
    document.title = harmless([title, where, 'Artifact stores'].filter(Boolean).join(' · '))
    if (last.current !== title) main.current?.focus()
    last.current = title
  }, [title, where])
  return main
}
