/** A part that scrolls by itself, so keys must reach it. */
import type { ComponentChildren } from 'preact'

interface ScrollerProps {
  /** For screen readers. */
  label: string
  class?: string
  /** Gets the element. */
  measure?(element: HTMLElement | null): void
  /** Gets how far it was scrolled down, in pixels. */
  scrolled?(top: number): void
  children: ComponentChildren
}

export const Scroller = ({ label, class: name = 'scroll', measure, scrolled, children }: ScrollerProps) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, and a section of its own would be one landmark more.
  <div
    role="group"
    ref={measure ?? null}
    class={name}
    aria-label={label}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in the way of the keys.
    tabIndex={0}
    onScroll={event => scrolled?.(event.currentTarget.scrollTop)}
  >
    {children}
  </div>
)
