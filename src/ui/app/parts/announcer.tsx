/** Says to screen readers what has changed. */
import { type ComponentChildren, createContext } from 'preact'
import { useCallback, useContext, useState } from 'preact/hooks'
import { harmless } from '../../../cli/text/harmless.ts'

const Announcing = createContext<(text: string) => void>(() => {})

/** Says it in the nearest announcer: outside of a dialog that is open, nobody hears anything. */
export const useAnnounce = (): ((text: string) => void) => useContext(Announcing)

/** Has the element that speaks for what is in it. It is there before it has anything to say, or readers miss that. */
export function Announcer({ children }: { children: ComponentChildren }) {
  const [{ text, count }, setSaid] = useState({ text: '', count: 0 })
  const announce = useCallback((text: string) => setSaid(said => ({ text, count: said.count + 1 })), [])
  return (
    <Announcing.Provider value={announce}>
      {children}
      <p class="unseen" role="status" aria-live="polite">
        {/* What is said twice is new each time. */}
        <span key={count}>{harmless(text)}</span>
      </p>
    </Announcing.Provider>
  )
}
