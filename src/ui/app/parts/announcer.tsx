/** Says to screen readers what has changed. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export const Announcing = createContext<(text: string) => void>(() => {})

export const useAnnounce = (): ((text: string) => void) => useContext(Announcing)
