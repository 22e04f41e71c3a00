/** The chart as a table, for those who read rather than look. */
import type { Slot } from '../model/timeline.ts'
import { clockOf, zoneAt } from '../parts/clock.ts'

export function SlotTable({ slots }: { slots: readonly Slot[] }) {
  const filled = slots.filter(({ refreshes, ends }) => refreshes + ends > 0)
  const length = (slots.at(-1)?.to ?? 0) - (slots[0]?.from ?? 0)
  return (
    <details class="as-table">
      <summary>The chart as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">From ({zoneAt(slots[0]?.from ?? 0)})</th>
            <th scope="col">To</th>
            <th scope="col">Replacements</th>
            <th scope="col">Ends without one</th>
          </tr>
        </thead>
        <tbody>
          {filled.map(({ from, to, refreshes, ends }) => (
            <tr key={from}>
              <td>{clockOf(from, length)}</td>
              <td>{clockOf(to, length)}</td>
              <td>{refreshes}</td>
              <td>{ends}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
