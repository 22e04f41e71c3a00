/** A node of the map. */
import type { ComponentChild } from 'preact'
import { harmless } from '../../../cli/text/harmless.ts'
import { CLOUD_TITLES } from '../model/filter.ts'
import type { MapNode } from '../model/forest.ts'
import { type Drawn, NODE } from '../model/layout.ts'
import { lifeOf } from '../model/life.ts'
import { type Tally, TONE_WORDS, TONES, tallyWords, toneOf } from '../model/tone.ts'
import { chosen, type Move, toggled } from '../model/tree-keys.ts'
import { LifeBar } from '../parts/life-bar.tsx'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'

/** Keys of nodes have spaces, which an id may not have. */
export const idOf = (key: string): string => `node-${encodeURIComponent(key)}`

interface CardProps {
  place: Drawn
  now: number
  isCurrent: boolean
  /** It is the current node, or that belongs to it. */
  isNear: boolean
  act(move: Move): void
}

export function Card({ place, now, isCurrent, isNear, act }: CardProps) {
  const { node, x, drawnY, width, position, siblings } = place
  const { key, kind, isOpen, count } = node
  const canOpen = count > 0
  const opened = (event: Event): void => {
    event.stopPropagation()
    act(toggled(node))
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys for all of its nodes.
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and names this node by aria-activedescendant.
    <div
      id={idOf(key)}
      role="treeitem"
      class={`card ${kind}${isCurrent ? ' current' : ''}${isNear ? ' near' : ''}`}
      style={{ transform: `translate(${x}px, ${drawnY - NODE.height / 2}px)`, width: `${width}px` }}
      aria-level={node.depth + 1}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isCurrent}
      aria-expanded={canOpen ? isOpen : undefined}
      onClick={() => act(chosen(node))}
    >
      <span class="unseen">{harmless(labelOf(node, now))}</span>
      <span class="face" aria-hidden="true">
        <Face node={node} now={now} />
      </span>
      {/* For the mouse only: keys open and close the node itself. */}
      {canOpen && (
        <span class="opener" aria-hidden="true" onClick={opened}>
          <svg viewBox="0 0 16 16" class="icon" aria-hidden="true">
            <path d={isOpen ? 'm4 6 4 4 4-4' : 'm6 4 4 4-4 4'} />
          </svg>
        </span>
      )}
    </div>
  )
}

function Face({ node, now }: { node: MapNode; now: number }) {
  switch (node.kind) {
    case 'connector': {
      const { name, item, tone, tally, count } = node
      const isWell = tone === 'Ready' || tone === 'Caution'
      const stores = `${count.toLocaleString('en')} ${count === 1 ? 'store' : 'stores'}`
      return (
        <>
          <Lines mark={<Mark tone={tone} />} name={name}>
            {isWell ? (
              `${item ? `${CLOUD_TITLES[item.cloud]} · ` : ''}${stores}`
            ) : (
              <Said text={item?.health.reason ?? 'not there, or not yours to see'} class={`tone-${tone}`} />
            )}
          </Lines>
          <TallyBar tally={tally} />
        </>
      )
    }
    case 'store': {
      const { item, tone } = node
      const isWell = tone === 'Ready' || tone === 'Caution'
      return (
        <Lines mark={<Mark tone={tone} />} name={item.key} tag={item.isDefault ? 'default' : undefined}>
          <Said text={isWell ? item.uri : item.health.reason} class={isWell ? 'mono' : `tone-${tone}`} />
        </Lines>
      )
    }
    case 'namespace': {
      const secrets = `${node.count} ${node.count === 1 ? 'Secret' : 'Secrets'}`
      return <Lines name={node.name}>{`namespace · ${secrets}`}</Lines>
    }
    case 'secret': {
      const life = lifeOf(node.item, now)
      return (
        <Lines name={node.item.name} tag={node.item.role}>
          <span class={`ends stage-${life.stage}`}>
            <LifeBar life={life} />
            {life.ends}
          </span>
        </Lines>
      )
    }
  }
}

interface LinesProps {
  mark?: ComponentChild
  name: string
  tag?: string | undefined
  children: ComponentChild
}

/** What comes before the last slash of the name is its namespace. */
function Lines({ mark, name, tag, children }: LinesProps) {
  const slash = name.lastIndexOf('/') + 1
  return (
    <>
      {mark}
      <span class="lines">
        <span class="first">
          <span class="name">
            {slash > 0 && <Said text={name.slice(0, slash)} class="quiet" />}
            <Said text={name.slice(slash)} />
          </span>
          {tag !== undefined && <Said text={tag} class="tag" />}
        </span>
        <span class="second">{children}</span>
      </span>
    </>
  )
}

/** How many of the stores are in which state, as parts of a bar. */
const TallyBar = ({ tally }: { tally: Tally }) => (
  <span class="tally">
    {TONES.filter(tone => tally[tone] > 0).map(tone => (
      <span key={tone} class={`part tone-${tone}`} style={{ flexGrow: tally[tone] }} />
    ))}
  </span>
)

/** What screen readers say. */
function labelOf(node: MapNode, now: number): string {
  switch (node.kind) {
    case 'connector': {
      const stores = node.count === 0 ? 'no stores' : `stores: ${tallyWords(node.tally)}`
      return `connector ${node.name}, ${node.item ? wordsOf(node.item) : 'not there, or not yours to see'}, ${stores}`
    }
    case 'store': {
      const { key, uri } = node.item
      return `store ${key}, ${wordsOf(node.item)}, ${uri}`
    }
    case 'namespace':
      return `namespace ${node.name}, ${node.count} ${node.count === 1 ? 'Secret' : 'Secrets'}`
    case 'secret':
      return `Secret ${node.item.name} for ${node.item.role}, ${lifeOf(node.item, now).words}`
  }
}

type Told = Parameters<typeof toneOf>[0] & { health: { reason: string } }

function wordsOf(item: Told): string {
  const tone = toneOf(item)
  return tone === 'Ready' ? TONE_WORDS[tone] : `${TONE_WORDS[tone]}, ${item.health.reason}`
}
