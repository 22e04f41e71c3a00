/** An object as kubectl prints it, when one asks for it. */
import { useState } from 'preact/hooks'
import { CopyBlock } from '../parts/copy.tsx'
import { Panel } from './panel.tsx'

export function Yaml({ yaml }: { yaml: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Panel title="YAML" isWide>
      <button type="button" class="button small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide' : 'Show'}
      </button>
      {isOpen && <CopyBlock text={yaml} what="YAML" />}
    </Panel>
  )
}
