/**
 * Pure: texts with places for values that nobody can know from the cluster. A hole is a name between two characters that
 * no text of the cluster keeps, so that each form of output writes it in its own way.
 */
import { quoted } from '../text/shell.ts'

const [OPEN, SHUT] = ['\uE000', '\uE001']
const MARKS = /[\uE000\uE001]/g

/** A place for a value, in any text. */
export const hole = (name: string): string => OPEN + name + SHUT

/** Text of the cluster, which can have no holes of its own. */
export const withoutHoles = (text: string): string => text.replace(MARKS, '')

/** What is to be filled in, and how it is found. */
export interface Unknown {
  /** Name of a variable of a shell. */
  name: string
  /** What it is, and how to find it. */
  how: string
  /** A command that prints it, which may have holes itself. */
  command?: string
  /** The command finds the account of whoever runs it. */
  isOfCaller?: true
}

export type Piece = { text: string } | { hole: string }

export const piecesOf = (text: string): Piece[] =>
  text
    .split(OPEN)
    .flatMap((part, at): Piece[] => {
      const end = part.indexOf(SHUT)
      if (at === 0 || end < 0) return [{ text: part }]
      return [{ hole: part.slice(0, end) }, { text: part.slice(end + 1) }]
    })
    .filter(piece => 'hole' in piece || piece.text !== '')

/** For people and for documents: `<ACCOUNT_ID>`. */
export const shownHoles = (text: string): string =>
  piecesOf(text)
    .map(piece => ('hole' in piece ? `<${piece.hole}>` : piece.text))
    .join('')

/** The unknown values of a text, those first that others are found by. */
export function unknownsIn(text: string, known: readonly Unknown[]): Unknown[] {
  const names = piecesOf(text).flatMap(piece => ('hole' in piece ? piece.hole : []))
  const found = names.flatMap(name => {
    const unknown = known.find(one => one.name === name)
    return unknown ? [...unknownsIn(unknown.command ?? '', known), unknown] : []
  })
  return [...new Set(found)]
}

/** A command line of words that may have holes, which stay holes. */
export const lineOf = (words: readonly string[]): string =>
  words.map(word => (word === '' ? quoted('') : piecesOf(word).map(pieceOfLine).join(''))).join(' ')

const pieceOfLine = (piece: Piece): string => ('hole' in piece ? hole(piece.hole) : quoted(piece.text))

/** A part of a command that fills a variable, or ends the command where it stays empty. */
export const filling = ({ name, command }: Unknown): string =>
  command === undefined ? `"\${${name}:?}"` : `"\${${name}:=$(${withVariables(command)})}" "\${${name}:?}"`

/** A command line that is one already, with its holes as variables. */
export const withVariables = (command: string): string =>
  piecesOf(command)
    .map(piece => ('hole' in piece ? `"$${piece.hole}"` : piece.text))
    .join('')
