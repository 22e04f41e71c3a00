/** What of the timeline needs somebody: gaps, and waves. */
import { seenFrom } from '../../../cli/text/ages.ts'
import { storeFragment } from '../model/route.ts'
import type { Gap, Wave } from '../model/timeline.ts'
import { clockOf, zoneAt } from '../parts/clock.ts'
import { useShownPart } from '../parts/focus.ts'
import { Mark } from '../parts/mark.tsx'
import { Said } from '../parts/said.tsx'

const SHOWN = 6

export function Gaps({ gaps, now }: { gaps: readonly Gap[]; now: number }) {
  const { list, most, more } = useShownPart<HTMLUListElement>(gaps.length, SHOWN)
  if (gaps.length === 0)
    return (
      <p class="all-well">
        <Mark tone="Ready" /> No gap: all credentials are valid, and are replaced before they end.
      </p>
    )
  const shown = gaps.slice(0, most)
  return (
    <section class="gaps tone-edge-Stalled">
      <h2>
        <Mark tone="Stalled" />
        {gaps.length} {gaps.length === 1 ? 'gap' : 'gaps'}
      </h2>
      <ul ref={list}>
        {shown.map(({ credential, kind }) => (
          <li key={credential.key}>
            <a href={storeFragment(credential.store)}>
              <Said text={`${credential.secret.namespace}/${credential.secret.name}`} />
            </a>{' '}
            {wordsOf(kind, credential, now)}
          </li>
        ))}
      </ul>
      {shown.length < gaps.length && (
        <button type="button" class="button small" onClick={more}>
          Show all {gaps.length}
        </button>
      )}
    </section>
  )
}

function wordsOf(kind: Gap['kind'], { secret }: Gap['credential'], now: number): string {
  const moment = new Date(now)
  const end = seenFrom(moment, secret.expiresAt)
  if (kind === 'ended') return `ended ${end}: its consumers are refused`
  if (kind === 'late') return `was to be replaced ${seenFrom(moment, secret.refreshAt)}, and ends ${end}`
  return `ends ${end}, and nothing replaces it before`
}

/** `length`: of the time that is shown, in ms. */
export const Waves = ({ waves, length }: { waves: readonly Wave[]; length: number }) =>
  waves.length === 0 ? null : (
    <section class="waves tone-edge-Caution">
      <h2>
        <Mark tone="Caution" />
        {waves.length} {waves.length === 1 ? 'wave' : 'waves'}
      </h2>
      <ul>
        {waves.map(({ from, to, refreshes, share }) => (
          <li key={from}>
            {refreshes} replacements, {Math.round(share * 100)} % of all, from {clockOf(from, length)} to{' '}
            {clockOf(to, length)} ({zoneAt(from)})
          </li>
        ))}
      </ul>
    </section>
  )
