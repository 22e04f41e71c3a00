/**
 * Pure: makes text of the cluster harmless for a terminal. Whoever may write a name for people, a message or an annotation
 * could otherwise clear the screen, hide a line, or turn its order around. All text goes through here, and data through
 * `data.ts`.
 */
import { BOUNDS } from '../../foreign/bounds.ts'
import { shown } from '../../foreign/text.ts'

/** One line of text as it may be shown: bounded, without controls and marks of direction. Empty when nothing is left. */
export const harmless = (text: unknown, max: number = BOUNDS.message): string =>
  (shown(typeof text === 'number' ? String(text) : text, max) ?? '').replace(SPACES, ' ')

const SPACES = /\s{1,2048}/g

/** Characters that are no text for a terminal: controls but the line end, marks of direction, separators of lines. */
const UNSHOWN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** JSON in which such characters, which stand in strings only, are escaped: it means the same. */
export const escaped = (json: string): string =>
  json.replace(UNSHOWN, character => (character === '\n' ? character : escapesOf(character)))

/** Whether a text has such characters. */
export const isUnshown = (text: string): boolean => text.search(UNSHOWN) >= 0

const escapesOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
