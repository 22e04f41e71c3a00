/** Where the focus goes on when what has it goes away. Browsers would lead back to the top of the page. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** What takes the focus first in a part of the page. */
export const firstIn = (part: Element | null | undefined): HTMLElement | null =>
  part?.querySelector<HTMLElement>('a, [tabindex]') ?? null

/** The title of the view, where nothing nearer is left. */
export const viewTitle = (): HTMLElement | null =>
  document.querySelector<HTMLElement>('main h1[tabindex]') ?? document.querySelector<HTMLElement>('main')

/** For an element that goes away by itself. */
export function useFocusGoesOn<E extends HTMLElement>(next: (gone: E) => HTMLElement | null): RefObject<E | null> {
  const element = useRef<E>(null)
  useLayoutEffect(
    () => () => {
      // It is still in its place now, and is taken out after this.
      const gone = element.current
      if (gone?.contains(document.activeElement)) next(gone)?.focus()
    },
    [],
  )
  return element
}

/**
 * How much of a list is shown. When all of it is, the button for more is gone: whoever pressed it goes on at the first entry
 * that is new.
 */
export function useShownPart<E extends HTMLElement>(count: number, first: number, step = Number.POSITIVE_INFINITY) {
  const list = useRef<E>(null)
  const [most, setMost] = useState(first)
  const goesTo = useRef(-1)
  useLayoutEffect(() => {
    if (goesTo.current >= 0) firstIn(list.current?.children[goesTo.current])?.focus()
    goesTo.current = -1
  }, [most])
  const more = (): void => {
    if (most + step >= count) goesTo.current = most
    setMost(most + step)
  }
  return { list, most, more }
}
