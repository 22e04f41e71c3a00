/** The Secrets of a store with the lives of their credentials, which move. */
import type { StoreItem } from '../../contract.ts'
import { type Life, lifeOf } from '../model/life.ts'
import { dateOf } from '../parts/clock.ts'
import { LifeBar } from '../parts/life-bar.tsx'
import { Said } from '../parts/said.tsx'
import { Scroller } from '../parts/scroller.tsx'
import { Panel } from './panel.tsx'

const STAGES: Readonly<Record<Life['stage'], string>> = {
  fresh: 'Valid',
  due: 'Being replaced',
  late: 'Late',
  ended: 'Ended',
  endless: 'Valid',
  unknown: 'Not known',
}

export function Secrets({ item, now }: { item: StoreItem; now: number }) {
  const { secrets, secretsOmitted } = item
  if (secrets.length === 0) return null
  return (
    <Panel title="Secrets" isWide note={secretsOmitted ? `and ${secretsOmitted} more` : undefined}>
      <Scroller label="All Secrets">
        <table class="secrets">
          <thead>
            <tr>
              <th scope="col">Secret</th>
              <th scope="col">For</th>
              <th scope="col">Life</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {secrets.map(secret => (
              <SecretRow key={`${secret.namespace}/${secret.name}`} secret={secret} now={now} />
            ))}
          </tbody>
        </table>
      </Scroller>
    </Panel>
  )
}

function SecretRow({ secret, now }: { secret: StoreItem['secrets'][number]; now: number }) {
  const life = lifeOf(secret, now)
  const { namespace, name, role, formats, caution, issuedAt, refreshAt, expiresAt } = secret
  const times = [
    ['issued', issuedAt],
    ['refresh due', refreshAt],
    ['ends', expiresAt],
  ].flatMap(([what, time]) => (time === undefined ? [] : [`${what} ${dateOf(time)}`]))
  return (
    <tr>
      <th scope="row">
        <Said text={`${namespace}/`} class="quiet" />
        <Said text={name} />
      </th>
      <td>
        <Said text={role} /> <span class="quiet">{formats.join(', ')}</span>
      </td>
      <td class="life-cell" title={times.join('\n')}>
        <LifeBar life={life} />
        <span class="life-words">{life.words}</span>
      </td>
      <td>
        <span class={`stage stage-${life.stage}`}>{STAGES[life.stage]}</span>
        {caution !== undefined && <Said text={caution} class="caution" />}
      </td>
    </tr>
  )
}
