/** A part of a page, with its title. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface PanelProps {
  title: string
  isWide?: boolean
  /** Beside the title. */
  note?: ComponentChildren
  children: ComponentChildren
}

export function Panel({ title, isWide = false, note, children }: PanelProps) {
  const name = useId()
  return (
    <section class={isWide ? 'panel wide' : 'panel'} aria-labelledby={name}>
      <header>
        <h2 id={name}>{title}</h2>
        {note !== undefined && <p class="quiet">{note}</p>}
      </header>
      {children}
    </section>
  )
}
