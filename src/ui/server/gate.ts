/**
 * Pure: who may ask the server for what. Whatever runs in any page of the person's browser, or on this machine as somebody
 * else, can send it requests; only the page that was opened with the token may get an answer from the cluster
 * (docs/adr/0060).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Refusal } from '../contract.ts'

/** Of a request, what decides. Headers have all their values, as a request may repeat one. */
export interface Asked {
  method: string
  /** As it came, with its query. */
  target: string
  headers: Readonly<Partial<Record<string, readonly string[]>>>
}

export interface House {
  port: number
  /** Those that let in now. */
  tokens: Iterable<string>
}

export type Refused = Refusal & { status: number; allow?: string }

/** What a request is for: a file of the page, a call below /api/ that carries a token, or a code to get one. */
export type Admitted = { kind: 'file' | 'call' | 'entry'; path: string }

const ENTRY = '/api/session'

const PATH_MAX = 1024

export const refused = (status: number, code: Refusal['code'], words: string): Refused => ({ status, code, words })

export const isRefused = (given: object): given is Refused => 'status' in given && 'words' in given

/** Whether the request may be answered. Looks at the host first: a page that was rebound learns nothing else. */
export function judge(asked: Asked, house: House): Admitted | Refused {
  const { method, target, headers } = asked
  const host = only(headers['host'])
  if (!host || !hostsOf(house).includes(host)) {
    return refused(403, 'Forbidden', `this server is http://127.0.0.1:${house.port}, and answers under no other name`)
  }
  const elsewhere = fromElsewhere(headers, host)
  if (elsewhere) return elsewhere
  if (target.length > PATH_MAX || !/^\/[A-Za-z0-9._/-]{0,1024}$/.test(target))
    return refused(400, 'Invalid', 'the path has something that no path of this server has')
  if (!target.startsWith('/api/')) {
    return method === 'GET' || method === 'HEAD' ? { kind: 'file', path: target } : wrongMethod('GET, HEAD')
  }
  const isEntry = method === 'POST' && target === ENTRY
  if (!isEntry && !hasToken(only(headers['authorization']), house.tokens)) return refused(401, 'NoToken', STRANGER)
  if (method !== 'GET' && method !== 'POST') return wrongMethod('GET, POST')
  // A form of another page can't send this type without asking first, and is not answered then.
  if (method === 'POST' && !/^application\/json(; ?charset=utf-8)?$/i.test(only(headers['content-type']) ?? ''))
    return refused(415, 'Invalid', 'a POST has the type application/json')
  return { kind: isEntry ? 'entry' : 'call', path: target }
}

/** Also of a tab that was opened from a bookmark. */
const STRANGER =
  'this tab has no token, or one of an earlier start: open the URL that "kubectl artifactstore ui" prints, or start it again'

export const wrongMethod = (allow: string): Refused => ({
  ...refused(405, 'Invalid', `the method is not ${allow}`),
  allow,
})

/** By the name `localhost`, too: that is what a tunnel of ssh ends at. Neither can be pointed elsewhere by DNS. */
const hostsOf = ({ port }: House): string[] => [`127.0.0.1:${port}`, `localhost:${port}`]

/** Refuses what a page of another origin has sent, by what browsers say of that. Other programs say nothing. */
function fromElsewhere(headers: Asked['headers'], host: string): Refused | undefined {
  const origins = headers['origin'] ?? []
  const sites = headers['sec-fetch-site'] ?? []
  const isOwn =
    origins.every(origin => origin === `http://${host}`) &&
    // None: the person has typed or opened the URL.
    sites.every(site => site === 'same-origin' || site === 'none')
  return isOwn ? undefined : refused(403, 'Forbidden', 'the request comes from another page')
}

const only = (values: readonly string[] | undefined): string | undefined =>
  values?.length === 1 ? values[0] : undefined

/** Compares hashes, which takes as long for each wrong token. */
function hasToken(authorization: string | undefined, tokens: Iterable<string>): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  if (authorization === undefined) return false
  const given = hash(authorization)
  return [...tokens].filter(token => timingSafeEqual(given, hash(`Bearer ${token}`))).length > 0
}
