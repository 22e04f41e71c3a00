/**
 * Pure: what a service says of a refusal, as messages quote it: ` (the service says: "...")`. The form is one that can be
 * found again, since those who only borrow a connector are not shown it. Nothing that differs from call to call is in
 * it, as each other text would be another status (docs/adr/0020).
 */
import { BOUNDS } from './bounds.ts'
import { cut, shown } from './text.ts'

const GONE = '...'

/** Times, ids, addresses and durations, each bounded, in the order in which they are taken out. */
const VARYING: RegExp[] = [
  /<[^<>]{0,256}>/g,
  // What was asked, which some services repeat: with its parameters, signatures among them.
  /\?[^\s'"<>]{1,2048}/g,
  /[\w.%-]{1,64}=[^\s'",;)]{1,2048}/g,
  // Before dates: the first part of one in two thousand reads as a day.
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi,
  /\b(?:request|trace|correlation|host|error|activity)[ _-]?id\s?[:=]\s?['"]?[^\s'",;)]{1,256}/gi,
  /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}[.,\d]{0,12}(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2})){0,2})?/g,
  /\b\d{8}T\d{6}Z?\b/g,
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}, \d{1,2}[ -][A-Z][a-z]{2,8}[ -]\d{2,4}(?: \d{2}:\d{2}:\d{2})?(?: (?:GMT|UTC|[+-]\d{4}))?/g,
  /\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b/g,
  /\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?[AP]M)?\b/g,
  /\btime(?:stamp)?\s?[:=]\s?\.\.\./gi,
  /\b(?:19|20)\d{6}\b/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g,
  /\[(?=[0-9a-f]{0,4}:)[0-9a-f:.]{2,45}\](?::\d{1,5})?/gi,
  // The last two parts of a pod's name.
  /-[bcdfghjklmnpqrstvwxz2-9]{5,10}-[bcdfghjklmnpqrstvwxz2-9]{5}\b/g,
  /\b(?:\d{1,6}h)?(?:\d{1,6}m)?\d{1,9}(?:\.\d{1,12})?(?:ns|us|\u00b5s|ms|s)\b/g,
  // The id of an account stands behind `::` in an ARN.
  /(?<!::)\b\d{9,40}\b/g,
]

const WORD = /[\w+/=~-]{8,2048}/g
const GONE_AGAIN = /\.{3}(?:[\s,;:.]{0,8}\.{3}){1,64}/g
const QUOTE = /["\u201c\u201d]/g
/** Says no more than the code or the status does. */
const EMPTY = new Set(['accessdenied', 'unknown', 'unknownerror', 'forbidden', 'notfound', 'badrequest', 'error'])

/** What a service says, in at most 300 characters that stay the same; undefined where it says no more than its code. */
export function wordsOf(message: string | undefined, code = ''): string | undefined {
  let text = shown(message) ?? ''
  for (const pattern of VARYING) text = text.replace(pattern, GONE)
  text = text.replace(WORD, word => (isRandom(word) ? GONE : word.replace(/[A-Za-z0-9]{5,64}/g, hidePart)))
  text = text
    .replace(/\s{1,2048}/g, ' ')
    .replace(GONE_AGAIN, GONE)
    .replace(QUOTE, "'")
  text = trimmed(text)
  const letters = lettersOf(text)
  return letters.length < 4 || letters === lettersOf(code) || EMPTY.has(letters) ? undefined : cut(text, BOUNDS.words)
}

/** What may be quoted of an answer: empty, or begins with a space. */
export function said(message: string | undefined, code?: string): string {
  const words = wordsOf(message, code)
  return words === undefined ? '' : `${SAYS}${words}${END}`
}

/** Whether a text quotes a service. */
export const quotes = (text: string): boolean => text.includes(SAYS)

/** A text without all that it quotes of services. */
export const withoutSaid = (text: string): string => text.replace(SAID, '')

const SAYS = ' (the service says: "'
const END = '")'
/** What is quoted has no double quotes itself. */
const SAID = / \(the service says: "[^"]{0,300}"\)/g

/** Whether a word is a key, a token or an id: people write none with digits in upper and lower case. */
function isRandom(word: string): boolean {
  const digits = word.length - word.replace(/\d/g, '').length
  if (digits === 0 || NAME.test(word)) return false
  if (word.length >= 16 && (/^[0-9A-F]{1,2048}$/i.test(word) || /^[0-9A-Z]{1,2048}$/.test(word))) return true
  return word.length >= 20 && digits >= 2 && /[a-z]/.test(word) && /[A-Z]/.test(word)
}

/** Words with numbers behind them, between dashes or slashes: the name of a header, a path. */
const NAME = /^(?:[A-Za-z]{0,16}\d{0,3}[/_-]){1,64}[A-Za-z]{1,16}\d{0,3}$/

/** Letters and digits in turns, which is how ids look. */
const TURNS = /\d[A-Za-z]{1,64}\d/

const hidePart = (part: string): string =>
  TURNS.test(part) || (/\d/.test(part) && /[a-f]/i.test(part) && /^[0-9a-f]{8,64}$/i.test(part)) ? GONE : part

const lettersOf = (text: string): string => text.replace(/[^A-Za-z]/g, '').toLowerCase()

/** Without the white space and full stops at the ends, which mean nothing inside of a sentence. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && ' .,;:'.includes(text[start] ?? '')) start++
  while (end > start && ' .,;:'.includes(text[end - 1] ?? '')) end--
  return text.slice(start, end)
}
