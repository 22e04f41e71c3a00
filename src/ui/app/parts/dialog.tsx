/** A dialog: the browser keeps the focus in it, and gives it back. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Announcer } from './announcer.tsx'
import { viewTitle } from './focus.ts'

interface DialogProps {
  title: string
  close(): void
  children: ComponentChildren
}

export function Dialog({ title, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const name = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const closed = () => {
    const { activeElement: active, body } = document
    // The button that has opened it may be gone meanwhile: what it was about is cured.
    if (active === null || active === body || dialog.current?.contains(active)) viewTitle()?.focus()
    close()
  }
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={name} onClose={closed}>
      <header>
        <h2 id={name}>{title}</h2>
        <button type="button" class="button plain" aria-label="Close" onClick={closeDialog}>
          <svg viewBox="0 0 16 16" aria-hidden="true" class="icon">
            <path d="m3 3 10 10M13 3 3 13" />
          </svg>
        </button>
      </header>
      <Announcer>{children}</Announcer>
    </dialog>
  )
}

/** For buttons in it. The browser then gives the focus back to where it was before. */
export const closeDialog = ({ currentTarget }: { currentTarget: EventTarget & Element }): void =>
  currentTarget.closest('dialog')?.close()
