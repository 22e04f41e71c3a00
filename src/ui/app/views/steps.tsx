/** The steps on the way to an object that is ready. */
import { seenFrom } from '../../../cli/text/ages.ts'
import type { Step } from '../../contract.ts'
import { connectorFragment } from '../model/route.ts'
import type { Tone } from '../model/tone.ts'
import { dateOf } from '../parts/clock.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'

const TONES: Readonly<Record<Step['state'], Tone>> = {
  Done: 'Ready',
  Caution: 'Caution',
  Failed: 'Stalled',
  Waiting: 'Unseen',
}
const STATES: Readonly<Record<Step['state'], string>> = {
  Done: 'done',
  Caution: 'done, with a caution',
  Failed: 'failed',
  Waiting: 'not reached yet',
}
/** What nobody has looked at is no step on a way there. */
const UNTRIED: Partial<Record<Step['name'], string>> = { buckets: 'not looked at yet', privileges: 'not tried yet' }
const TITLES: Readonly<Record<Step['name'], string>> = {
  connector: 'Connector',
  bucket: 'Bucket',
  access: 'Access',
  credentials: 'Credentials',
  authentication: 'Authentication',
  buckets: 'Buckets',
  privileges: 'Least privilege',
}

interface StepsProps {
  steps: readonly Step[]
  now: number
  /** Of a store: whose page the step of its connector leads to. */
  connector?: { namespace: string; name: string }
}

export const Steps = ({ steps, now, connector }: StepsProps) => (
  <ol class="steps" aria-label="Steps">
    {steps.map(({ name, state, reason, message, since }) => (
      <li key={name} class={`step tone-edge-${TONES[state]}`}>
        <h2>
          <Mark tone={TONES[state]} />
          {name === 'connector' && connector ? <a href={connectorFragment(connector)}>{TITLES[name]}</a> : TITLES[name]}
          <span class="unseen">: {STATES[state]}</span>
        </h2>
        <p class={`reason tone-${TONES[state]}`}>
          {reason === '' ? <span>{UNTRIED[name] ?? STATES[state]}</span> : <Said text={reason} />}
          {since !== undefined && (
            <time dateTime={since} title={dateOf(since)}>
              {seenFrom(new Date(now), since)}
            </time>
          )}
        </p>
        {message !== '' && (
          <p class="message">
            <Said text={message} />
          </p>
        )}
      </li>
    ))}
  </ol>
)
