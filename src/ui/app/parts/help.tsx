/** The keys of the page. docs/ui.md has the same table. */
import { Dialog } from './dialog.tsx'

const KEYS = [
  ['Ctrl K', 'Search in the map'],
  ['Tab', 'Go to the next part of the page; the map is one part'],
  ['↓ ↑', 'Next or previous object of the map'],
  ['→ ←', 'Open or close it; go into it, or up to what it belongs to'],
  ['Space', 'Open or close it'],
  ['Page ↓ ↑, Home, End', 'Go farther'],
  ['a letter', 'Next object that begins with it'],
  ['Enter', 'Go to the page of a connector or store'],
  ['Esc', 'Empty the search; close a dialog'],
] as const

export const Help = ({ close }: { close(): void }) => (
  <Dialog title="Keys" close={close}>
    <table class="keys">
      <thead class="unseen">
        <tr>
          <th scope="col">Key</th>
          <th scope="col">What it does</th>
        </tr>
      </thead>
      <tbody>
        {KEYS.map(([key, what]) => (
          <tr key={key}>
            <th scope="row">
              <kbd>{key}</kbd>
            </th>
            <td>{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Dialog>
)
