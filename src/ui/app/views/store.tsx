/** The page of a store: how it is made ready step by step, what may be done there, and who gets credentials. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { StoreDetail, StoreItem } from '../../contract.ts'
import { CLOUD_TITLES } from '../model/filter.ts'
import type { Known } from '../model/known.ts'
import { TONE_WORDS, toneOf } from '../model/tone.ts'
import { useAnswer } from '../net/hooks.ts'
import type { Server } from '../net/server.ts'
import { CopyBlock } from '../parts/copy.tsx'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { Panel } from './panel.tsx'
import { Actions } from './store-actions.tsx'
import { Conditions, Events, Permissions } from './store-facts.tsx'
import { Secrets } from './store-secrets.tsx'
import { Snippets } from './store-snippets.tsx'
import { Steps } from './store-steps.tsx'
import { Usage } from './store-usage.tsx'

interface StoreViewProps {
  namespace: string
  name: string
  known: Known
  now: number
  server: Server
}

export function StoreView({ namespace, name, known, now, server }: StoreViewProps) {
  const key = `${namespace}/${name}`
  const item = known.stores.find(store => store.key === key)
  const connector = item && known.connectors.find(one => one.key === item.connector)
  const detail = useAnswer(key, signal => server.store(namespace, name, signal), [item, connector])
  // The last state stays on the page while somebody reads it, also when the store is gone.
  const shown = item ?? detail.value?.store
  return (
    <>
      <p class="back">
        <a href="#/map">← Map</a>
      </p>
      <Title name={name} namespace={namespace} item={shown}>
        {item && detail.value && (
          <Actions item={item} commands={detail.value.commands} server={server} again={detail.again} />
        )}
      </Title>
      {!item && <p class="banner bad">There is no such store now: it was deleted, or is not yours to see.</p>}
      {detail.error !== undefined && <p class="banner bad">{detail.error}</p>}
      {shown && <Usage item={shown} isShown={item?.usage !== undefined} />}
      {detail.value && <Detail detail={detail.value} item={shown ?? detail.value.store} now={now} />}
    </>
  )
}

interface TitleProps {
  name: string
  namespace: string
  item: StoreItem | undefined
  children: ComponentChildren
}

const Title = ({ name, namespace, item, children }: TitleProps) => (
  <div class="title">
    <div>
      <h1>
        {item && <Mark tone={toneOf(item)} />}
        <span class="quiet">{namespace}/</span>
        {name}
        {item?.isDefault && <span class="tag">default</span>}
      </h1>
      {item && (
        <p class="under">
          {item.displayName !== undefined && <Said text={item.displayName} class="display-name" />}
          <span class="tag">{CLOUD_TITLES[item.cloud]}</span>
          <Said text={item.uri} class="mono" />
          <span class={`tone-${toneOf(item)}`}>{TONE_WORDS[toneOf(item)]}</span>
        </p>
      )}
    </div>
    {children}
  </div>
)

function Detail({ detail, item, now }: { detail: StoreDetail; item: StoreItem; now: number }) {
  const { steps, cautions, permissions, bucket, events, conditions, yaml, snippets, notes } = detail
  return (
    <>
      {item.health.trouble !== undefined && (
        <p class="banner note">
          <Said text={item.health.trouble} />
        </p>
      )}
      <Steps steps={steps} now={now} />
      {[...cautions, ...notes].length > 0 && (
        <ul class="cautions" aria-label="To be known">
          {[...cautions, ...notes].map(text => (
            <li key={text}>
              <Said text={text} />
            </li>
          ))}
        </ul>
      )}
      <Secrets item={item} now={now} />
      <div class="panels">
        <Permissions permissions={permissions} bucket={bucket} />
        <Snippets snippets={snippets} />
        <Events events={events} now={now} />
        <Conditions conditions={conditions} now={now} />
      </div>
      <Yaml yaml={yaml} />
    </>
  )
}

function Yaml({ yaml }: { yaml: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Panel title="YAML" isWide>
      <button type="button" class="button small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide' : 'Show'}
      </button>
      {isOpen && <CopyBlock text={yaml} what="YAML" />}
    </Panel>
  )
}
