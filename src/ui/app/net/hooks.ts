/** What components have from outside of them: changes of the cluster, the time, the URL, and answers of the server. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Attempt, afterAttempt, type Connection } from '../model/freshness.ts'
import { type Known, withChange } from '../model/known.ts'
import { type Route, routeOf } from '../model/route.ts'
import { Poller } from './poller.ts'
import type { Server } from './server.ts'
import { wordsOfError } from './server.ts'

/** What is known of the cluster now; undefined before the first snapshot. */
export function useKnown(server: Server): { known: Known | undefined; connection: Connection } {
  const [known, setKnown] = useState<Known | undefined>()
  const [connection, setConnection] = useState<Connection>({ state: 'connecting' })
  useEffect(() => {
    const ended = new AbortController()
    const on = {
      change: (change: Parameters<typeof withChange>[1]) => setKnown(old => withChange(old, change, Date.now())),
      attempt: (attempt: Attempt) => setConnection(old => afterAttempt(old, attempt, Date.now())),
    }
    void server.changes(on, ended.signal)
    return () => ended.abort()
  }, [server])
  return { known, connection }
}

/** The cluster's time in ms, which moves on each second. */
export function useNow(skew: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now + skew
}

export function useRoute(): Route {
  const [fragment, setFragment] = useState(location.hash)
  useEffect(() => {
    const changed = () => setFragment(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return routeOf(fragment)
}

export interface Answer<T> {
  /** The last one, also while the next one is on its way. */
  value: T | undefined
  error: string | undefined
}

/** Asks anew for each `key`, and again when one of `dependencies` is another one. */
export function useAnswer<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
  dependencies: readonly unknown[],
): Answer<T> & { again(): void } {
  const [answer, setAnswer] = useState<Answer<T>>({ value: undefined, error: undefined })
  const poller = useRef<Poller<T> | undefined>(undefined)
  useEffect(() => {
    setAnswer({ value: undefined, error: undefined })
    const current = new Poller<T>({
      ...{ ask, pauseMs: PAUSE_MS, everyMs: EVERY_MS, retryMs: RETRY_MS },
      answered: value => setAnswer({ value, error: undefined }),
      failed: error => setAnswer(old => ({ ...old, error: wordsOfError(error) })),
    })
    poller.current = current
    return () => current.stop()
  }, [key])
  useEffect(() => poller.current?.poke(), [key, ...dependencies])
  return { ...answer, again: () => poller.current?.poke() }
}

const PAUSE_MS = 500
const EVERY_MS = 20_000
const RETRY_MS = 3_000

type Sized = [
  ref: (element: HTMLElement | null) => void,
  size: { width: number; height: number },
  element: HTMLElement | null,
]

/** Width and height of an element in pixels, as they change. */
export function useSize(): Sized {
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [element, setElement] = useState<HTMLElement | null>(null)
  useEffect(() => {
    if (!element) return
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [setElement, size, element]
}
