/** What is known of an object: permissions of a store, events, conditions, and what one should know. */
import { seenFrom } from '../../../cli/text/ages.ts'
import type { ConnectorItem, Step, StoreDetail, StoreItem } from '../../contract.ts'
import type { Tone } from '../model/tone.ts'
import { dateOf } from '../parts/clock.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'
import { Scroller } from '../parts/scroller.tsx'
import { Panel } from './panel.tsx'

type Permission = StoreDetail['permissions'][number]

const TONES: Readonly<Record<Permission['result'], Tone>> = { Allowed: 'Ready', Denied: 'Stalled', Unknown: 'Trouble' }

const bucketWords = ({ name, region, versioning, expirationDays }: NonNullable<StoreDetail['bucket']>): string =>
  [
    name,
    region,
    versioning === undefined ? undefined : `versioning ${versioning.toLowerCase()}`,
    expirationDays === undefined ? undefined : `objects expire after ${expirationDays} days`,
  ]
    .filter(part => part !== undefined)
    .join(' · ')

interface PermissionsProps {
  permissions: readonly Permission[]
  bucket: StoreDetail['bucket'] | undefined
}

export const Permissions = ({ permissions, bucket }: PermissionsProps) => (
  <Panel title="What it may do" note={bucket && <Said text={bucketWords(bucket)} />}>
    {permissions.length === 0 ? <p class="quiet">Nothing was tried yet.</p> : <Matrix permissions={permissions} />}
  </Panel>
)

function Matrix({ permissions }: { permissions: readonly Permission[] }) {
  const isShown = permissions.some(({ probe, detail }) => probe !== undefined || detail !== undefined)
  return (
    <Scroller label="Permissions">
      <table>
        <thead>
          <tr>
            <th scope="col">Permission</th>
            <th scope="col">Result</th>
            {isShown && <th scope="col">Shown by</th>}
          </tr>
        </thead>
        <tbody>
          {permissions.map(({ action, result, probe, detail }) => (
            <tr key={action}>
              <th scope="row">
                <Said text={action} class="mono" />
              </th>
              <td class={`nowrap tone-${TONES[result]}`}>
                <Mark tone={TONES[result]} /> {result}
              </td>
              {isShown && (
                <td>
                  {probe !== undefined && <Said text={probe} class="mono" />}
                  {detail !== undefined && <Said text={detail} class="caution" />}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

/** Trouble that does not reach consumers yet. */
export const TroubleNote = ({ item }: { item: StoreItem | ConnectorItem }) =>
  item.health.trouble === undefined ? null : (
    <p class="banner note">
      <Said text={item.health.trouble} />
    </p>
  )

interface CautionsProps {
  texts: readonly string[]
  /** What they say is not said twice. */
  steps: readonly Step[]
}

export function Cautions({ texts: all, steps }: CautionsProps) {
  const said = new Set(steps.map(({ reason, message }) => `${reason}: ${message}`))
  const texts = all.filter(text => !said.has(text))
  return texts.length === 0 ? null : (
    <ul class="cautions" aria-label="To be known">
      {texts.map(text => (
        <li key={text}>
          <Said text={text} />
        </li>
      ))}
    </ul>
  )
}

export const Events = ({ events, now }: { events: StoreDetail['events']; now: number }) => (
  <Panel title="Events">
    {events === undefined || events.length === 0 ? (
      <p class="quiet">{events ? 'None in the last hour.' : 'They are not yours to see.'}</p>
    ) : (
      <Scroller label="All events" class="events">
        <ol>
          {events.map(({ type, reason, message, count, lastSeen }) => (
            <li key={`${lastSeen} ${reason} ${message}`}>
              <p>
                <Said text={reason} class={type === 'Warning' ? 'tone-Stalled' : 'strong'} />
                {count > 1 && <span class="quiet">{count} times</span>}
                <time dateTime={lastSeen} title={dateOf(lastSeen)}>
                  {seenFrom(new Date(now), lastSeen)}
                </time>
              </p>
              <Said text={message} />
            </li>
          ))}
        </ol>
      </Scroller>
    )}
  </Panel>
)

export const Conditions = ({ conditions, now }: { conditions: StoreDetail['conditions']; now: number }) => (
  <Panel title="Conditions">
    <Scroller label="All conditions">
      <table>
        <thead>
          <tr>
            <th scope="col">Condition</th>
            <th scope="col">Status</th>
            <th scope="col">Reason</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {conditions.map(({ type, status, reason, message, lastTransitionTime }) => (
            <tr key={type}>
              <th scope="row">
                <Said text={type} class="whole" isCamel />
              </th>
              <td>{status}</td>
              <td>
                <Said text={reason} class="whole strong" isCamel />
                <Said text={message} class="caution" />
              </td>
              <td class="nowrap">
                <time dateTime={lastTransitionTime} title={dateOf(lastTransitionTime)}>
                  {seenFrom(new Date(now), lastTransitionTime)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  </Panel>
)
