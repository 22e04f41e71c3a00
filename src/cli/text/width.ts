/** Pure: text measured in columns of a terminal, where some characters take two and some none. */
import { eastAsianWidth } from 'get-east-asian-width'

let segmenter: Intl.Segmenter | undefined
/** What people see as one character each. A segmenter takes as long to make as all else of a command that only shows text. */
const segmentsOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** What may take more columns than one, or none. Latin text and the lines of trees and dots have nothing of that. */
const UNPLAIN = /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2026\u2500-\u257f]/
/** Marks that are written onto the character before them. */
const MARK = /^\p{M}/u
/** Asks for the character before it as a picture, which takes two columns. */
const PICTURE = '\ufe0f'

/** Columns of a text that is harmless already. */
export function widthOf(text: string): number {
  if (!UNPLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of segmentsOf(text)) width += widthOfOne(segment)
  return width
}

/** Columns of what people see as one character. */
function widthOfOne(segment: string): number {
  if (segment.includes(PICTURE)) return 2
  return MARK.test(segment) ? 0 : eastAsianWidth(segment.codePointAt(0) ?? 0)
}

/** The beginning of a text that is wider than `columns`, which then ends with a dot of omission. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns <= 1) return '\u2026'.slice(0, Math.max(0, columns))
  let [kept, width] = ['', 0]
  for (const { segment } of segmentsOf(text)) {
    const more = widthOf(segment)
    if (width + more > columns - 1) break
    kept += segment
    width += more
  }
  return `${kept}\u2026`
}

/** A text with spaces up to so many columns. */
export const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)))

/** Lines of at most `columns`, broken between words; a word that is wider has lines of its own. */
export function wrap(text: string, columns: number): string[] {
  if (columns <= 0 || widthOf(text) <= columns) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) <= columns) {
      line += ` ${word}`
      continue
    }
    if (line !== '') lines.push(line)
    const [last = '', ...earlier] = pieces(word, columns).reverse()
    lines.push(...earlier.reverse())
    line = last
  }
  return [...lines, line]
}

/** A word in pieces that fit. */
function pieces(word: string, columns: number): string[] {
  if (widthOf(word) <= columns) return [word]
  const all: string[] = []
  let [piece, width] = ['', 0]
  for (const { segment } of segmentsOf(word)) {
    const more = widthOf(segment)
    if (width + more > columns && piece !== '') {
      all.push(piece)
      piece = ''
      width = 0
    }
    piece += segment
    width += more
  }
  return [...all, piece]
}
