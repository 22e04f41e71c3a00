/** Whom a connector acts as, until when, and which buckets it can list. */
import type { ComponentChildren } from 'preact'
import { seenFrom } from '../../../cli/text/ages.ts'
import type { ConnectorDetail, ConnectorItem } from '../../contract.ts'
import { dateOf } from '../parts/clock.ts'
import { Said } from '../parts/said.tsx'
import { Scroller } from '../parts/scroller.tsx'
import { Panel } from './panel.tsx'

const NAMES = [
  ['arn', 'ARN'],
  ['accountId', 'AWS account'],
  ['tenantId', 'Entra tenant'],
  ['clientId', 'Entra client'],
] as const

interface IdentityProps {
  detail: ConnectorDetail
  item: ConnectorItem
  now: number
}

export function Identity({
  detail: { identity, sessionDuration, resources, resourcesTruncated },
  item,
  now,
}: IdentityProps) {
  const { principal } = item
  const told = NAMES.flatMap(([member, title]) => {
    const value = identity[member]
    return value === undefined || value === principal ? [] : [[title, value] as const]
  })
  return (
    <Panel title="Identity">
      <Scroller label="Identity">
        <table class="pairs">
          <tbody>
            <Row title="Acts as">
              {principal === undefined ? 'not known yet' : <Said text={principal} class="mono" />}
            </Row>
            {told.map(([title, value]) => (
              <Row key={title} title={title}>
                <Said text={value} class="mono" />
              </Row>
            ))}
            <Row title="Its own credentials">{endWords(item, now)}</Row>
            <Row title="Credentials for pods">live {sessionDuration}</Row>
            {resources && (
              <Row title="Buckets it can list">
                <Buckets resources={resources} isWhole={!resourcesTruncated} />
              </Row>
            )}
          </tbody>
        </table>
      </Scroller>
    </Panel>
  )
}

const Row = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <tr>
    <th scope="row">{title}</th>
    <td>{children}</td>
  </tr>
)

/** A connector that works and has no end is one of keys, or of a token that is read anew each time. */
function endWords({ expiresAt, state }: ConnectorItem, now: number): string {
  if (expiresAt === undefined) return state === 'Ready' || state === 'Trouble' ? 'do not end' : 'not known now'
  const isPast = Date.parse(expiresAt) <= now
  return `${isPast ? 'ended' : 'end'} ${seenFrom(new Date(now), expiresAt)}, at ${dateOf(expiresAt)}`
}

const SHOWN = 20

const Buckets = ({ resources, isWhole }: { resources: { uri: string; region?: string }[]; isWhole: boolean }) => (
  <ul>
    {resources.slice(0, SHOWN).map(({ uri, region }) => (
      <li key={uri}>
        <Said text={uri} class="mono" /> {region !== undefined && <Said text={region} class="quiet" />}
      </li>
    ))}
    {(resources.length > SHOWN || !isWhole) && (
      <li class="quiet">
        {resources.length > SHOWN ? `and ${resources.length - SHOWN}${isWhole ? '' : ' or'} more` : 'and more'}: see the
        YAML
      </li>
    )}
  </ul>
)
