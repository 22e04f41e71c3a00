/**
 * Pure: a parser of the XML that S3 answers, with positions, so that a part can be replaced and the rest kept. It reads
 * each character once, knows no entity but the five of XML, and refuses what is deeper or has more than lifecycle rules.
 */
import { BOUNDS } from '../../../foreign/bounds.ts'

export interface Element {
  name: string
  /** Position where the start tag begins. */
  start: number
  /** Position after the end tag. */
  end: number
  /** Position where the end tag begins; `end` for an element of one tag, `<Filter/>`. */
  contentEnd: number
  children: Element[]
  /** Text of an element without children. */
  text: string
}

/** `Rule/Filter/And/Tag/Key` in the root, and as much again. */
const DEPTH_MAX = 12
/** A thousand rules of some thirty members each. */
const ELEMENTS_MAX = 32_000

/** A tag without its brackets. Its attributes are kept as they are, and mean nothing. */
const TAG = /^(\/?)([A-Za-z_][\w.-]{0,127})(?:\s[^<]{0,1000})?$/

/** Parses a document to its root element; undefined for what is no XML, or has more than S3 uses. */
export function parseXml(xml: string): Element | undefined {
  if (xml.length > BOUNDS.page) return undefined
  const top: Element = { name: '', start: 0, end: xml.length, contentEnd: xml.length, children: [], text: '' }
  const open = [top]
  let [at, elements] = [0, 0]
  while (at < xml.length) {
    const parent = open.at(-1)
    const end = endOfToken(xml, at)
    if (!parent || end === undefined) return undefined
    if (xml[at] !== '<') {
      parent.text += xml.slice(at, end)
    } else if (xml[at + 1] !== '!' && xml[at + 1] !== '?') {
      const isWhole = xml[end - 2] === '/'
      const [, slash, name] = TAG.exec(xml.slice(at + 1, isWhole ? end - 2 : end - 1)) ?? []
      if (name === undefined) return undefined
      if (slash) {
        if (parent === top || parent.name !== name) return undefined
        const text = parent.children.length > 0 ? '' : unescapeXml(parent.text)
        if (text === undefined) return undefined
        Object.assign(parent, { contentEnd: at, end, text })
        open.pop()
      } else {
        elements++
        if (open.length > DEPTH_MAX || elements > ELEMENTS_MAX) return undefined
        const element: Element = { name, start: at, end, contentEnd: end, children: [], text: '' }
        parent.children.push(element)
        if (!isWhole) open.push(element)
      }
    }
    at = end
  }
  return open.length === 1 && top.children.length === 1 && top.text.trim() === '' ? top.children[0] : undefined
}

/** Where the text, comment, instruction or tag ends that begins at a position; undefined if it does not end. */
function endOfToken(xml: string, at: number): number | undefined {
  if (xml[at] !== '<') return after(xml, '<', at, 0) ?? xml.length
  if (xml.startsWith('<!--', at)) return after(xml, '-->', at + 4)
  // Document types, which define entities, and CDATA are not read.
  if (xml[at + 1] === '!') return undefined
  return xml[at + 1] === '?' ? after(xml, '?>', at + 2) : after(xml, '>', at)
}

function after(xml: string, end: string, from: number, length = end.length): number | undefined {
  const found = xml.indexOf(end, from)
  return found < 0 ? undefined : found + length
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The last character of Unicode. */
const LAST_CODE_POINT = 0x10ffff

/** Undefined for a number of no character. */
function unescapeXml(text: string): string | undefined {
  let isBroken = false
  const plain = text.replace(/&(?:#x([0-9a-f]{1,8})|#([0-9]{1,10})|([a-z]{1,8}));/gi, (entity, hex, decimal, name) => {
    if (name) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? entity) : entity
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
    isBroken ||= code > LAST_CODE_POINT
    return isBroken ? '' : String.fromCodePoint(code)
  })
  return isBroken ? undefined : plain
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, character => `&${Object.keys(ENTITIES).find(name => ENTITIES[name] === character)};`)
