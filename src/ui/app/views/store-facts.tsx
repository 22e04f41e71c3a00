/** What is known of a store: permissions, events, conditions. */
import { seenFrom } from '../../../cli/text/ages.ts'
import type { StoreDetail } from '../../contract.ts'
import type { Tone } from '../model/tone.ts'
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
    {permissions.length === 0 ? (
      <p class="quiet">Nothing was tried yet.</p>
    ) : (
      <Scroller label="Permissions">
        <table>
          <thead>
            <tr>
              <th scope="col">Permission</th>
              <th scope="col">Result</th>
              <th scope="col">Shown by</th>
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
                <td>
                  {probe !== undefined && <Said text={probe} class="mono" />}
                  {detail !== undefined && <Said text={detail} class="caution" />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    )}
  </Panel>
)

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
                <time dateTime={lastSeen}>{seenFrom(new Date(now), lastSeen)}</time>
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
                <Said text={type} />
              </th>
              <td>{status}</td>
              <td>
                <Said text={reason} class="strong" />
                <Said text={message} class="caution" />
              </td>
              <td class="nowrap">{seenFrom(new Date(now), lastTransitionTime)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  </Panel>
)
