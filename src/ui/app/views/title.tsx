/** The head of an object's page: how it is, its name, what else tells it apart, and what one may do with it. */
import type { ComponentChildren } from 'preact'
import type { ConnectorItem, StoreItem } from '../../contract.ts'
import { CLOUD_TITLES } from '../model/filter.ts'
import { TONE_WORDS, toneOf } from '../model/tone.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'

interface TitleProps {
  kind: 'Connector' | 'Store'
  name: string
  namespace: string
  item: StoreItem | ConnectorItem | undefined
  /** Buttons. */
  children: ComponentChildren
}

export const Title = ({ kind, name, namespace, item, children }: TitleProps) => (
  <>
    <p class="back">
      <a href="#/map">← Map</a>
    </p>
    <div class="title">
      <div>
        <h1>
          {item && <Mark tone={toneOf(item)} />}
          <Said text={`${namespace}/`} class="quiet" />
          <Said text={name} />
          {item && 'uri' in item && item.isDefault && <span class="tag">default</span>}
        </h1>
        <p class="under">
          <span>{kind}</span>
          {item && <Under item={item} />}
        </p>
      </div>
      {children}
    </div>
  </>
)

function Under({ item }: { item: StoreItem | ConnectorItem }) {
  const what = 'uri' in item ? item.uri : item.principal
  const displayName = 'uri' in item ? item.displayName : undefined
  return (
    <>
      {displayName !== undefined && <Said text={displayName} class="display-name" />}
      <span class="tag">{CLOUD_TITLES[item.cloud]}</span>
      {what !== undefined && <Said text={what} class="mono" />}
      <span class={`tone-${toneOf(item)}`}>{TONE_WORDS[toneOf(item)]}</span>
    </>
  )
}
