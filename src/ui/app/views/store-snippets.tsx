/** What a pod of a consumer says, to be copied. */
import { useState } from 'preact/hooks'
import { harmless } from '../../../cli/text/harmless.ts'
import type { Snippet } from '../../contract.ts'
import { CopyBlock } from '../parts/copy.tsx'
import { Said } from '../parts/said.tsx'
import { Panel } from './panel.tsx'

export function Snippets({ snippets }: { snippets: readonly Snippet[] }) {
  const [at, setAt] = useState(0)
  const snippet = snippets[at] ?? snippets[0]
  return (
    <Panel title="Use it">
      {snippet ? (
        <>
          <label class="select">
            <span>Secret and format</span>
            <select value={snippets.indexOf(snippet)} onChange={event => setAt(Number(event.currentTarget.value))}>
              {snippets.map(({ namespace, secret, format }, index) => (
                <option key={`${namespace}/${secret} ${format}`} value={index}>
                  {harmless(`${namespace}/${secret} as ${format}`)}
                </option>
              ))}
            </select>
          </label>
          <p class="quiet">
            Into a pod of namespace <Said text={snippet.namespace} />
            {snippet.consumers.length > 0 && `, for example for ${snippet.consumers.join('; ')}`}
          </p>
          <CopyBlock text={snippet.text} what="snippet" />
        </>
      ) : (
        <p class="quiet">No consumer gets credentials of this store: see spec.credentials.</p>
      )}
    </Panel>
  )
}
