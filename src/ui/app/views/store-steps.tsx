/** The steps on the way to a store that is ready. */
import { seenFrom } from '../../../cli/text/ages.ts'
import type { Step } from '../../contract.ts'
import type { Tone } from '../model/tone.ts'
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
const TITLES: Readonly<Record<Step['name'], string>> = {
  connector: 'Connector',
  bucket: 'Bucket',
  access: 'Access',
  credentials: 'Credentials',
}

export const Steps = ({ steps, now }: { steps: readonly Step[]; now: number }) => (
  <ol class="steps" aria-label="Steps">
    {steps.map(({ name, state, reason, message, since }) => (
      <li key={name} class={`step tone-edge-${TONES[state]}`}>
        <h2>
          <Mark tone={TONES[state]} />
          {TITLES[name]}
          <span class="unseen">: {STATES[state]}</span>
        </h2>
        <p class={`reason tone-${TONES[state]}`}>
          {reason === '' ? <span>{STATES[state]}</span> : <Said text={reason} />}
          {since !== undefined && <time dateTime={since}>{seenFrom(new Date(now), since)}</time>}
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
