/** Pure: the page that the fragment of the URL names, and back. */

export type Route =
  | { view: 'map' }
  | { view: 'store' | 'connector'; namespace: string; name: string }
  | { view: 'timeline' }
  | { view: 'trouble' }

export function routeOf(fragment: string): Route {
  const [view, namespace, name] = fragment.replace(/^#\/?/, '').split('/').map(decoded)
  if ((view === 'store' || view === 'connector') && namespace && name) return { view, namespace, name }
  if (view === 'timeline' || view === 'trouble') return { view }
  return { view: 'map' }
}

export function fragmentOf(route: Route): string {
  const parts = 'name' in route ? [route.view, route.namespace, route.name] : [route.view]
  return `#/${parts.map(encodeURIComponent).join('/')}`
}

export const storeFragment = ({ namespace, name }: { namespace: string; name: string }): string =>
  fragmentOf({ view: 'store', namespace, name })

export const connectorFragment = ({ namespace, name }: { namespace: string; name: string }): string =>
  fragmentOf({ view: 'connector', namespace, name })

/** What a person has typed may be no encoding of anything. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The token, or the code for one, that the command line has put into the fragment, and the fragment without it. */
export function entryIn(fragment: string): { kind: 'token' | 'code'; word: string; rest: string } | undefined {
  const found = /^#(token|code)=([\w-]{1,256})(?:&(.{0,4096}))?$/.exec(fragment)
  if (!found) return undefined
  const [, kind, word = '', rest = ''] = found
  return { kind: kind === 'code' ? 'code' : 'token', word, rest: `#${rest}` }
}

/** What a person sees in the title of the window. */
export function titleOf(route: Route): string {
  switch (route.view) {
    case 'store':
      return `${route.namespace}/${route.name}`
    case 'connector':
      return `Connector ${route.namespace}/${route.name}`
    case 'timeline':
      return 'Timeline'
    case 'trouble':
      return 'Trouble'
    case 'map':
      return 'Map'
  }
}
