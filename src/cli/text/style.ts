/** Pure: what colours mean, and how they are written. */
import { styleText } from 'node:util'

/** What a text tells besides its words. */
export type Tone = 'good' | 'bad' | 'unsure' | 'quiet' | 'title' | 'plain'

/** Writes a text in its tone. */
export type Painter = (text: string, tone: Tone) => string

const STYLES = { good: 'green', bad: 'red', unsure: 'yellow', quiet: 'gray', title: 'bold' } as const

export const coloured: Painter = (text, tone) =>
  tone === 'plain' || text === '' ? text : styleText(STYLES[tone], text, { validateStream: false })

export const colourless: Painter = text => text
