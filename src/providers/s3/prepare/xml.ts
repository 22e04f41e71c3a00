/** Pure: a parser of the XML that S3 answers, with positions, so that a part can be replaced and the rest kept. */

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

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.-]*)((?:\s[^<>]*?)?)(\/?)>|[^<]+/y

/** Parses a document to its root element; undefined for what is no XML, or has more than S3 uses. */
export function parseXml(xml: string): Element | undefined {
  const top: Element = { name: '', start: 0, end: xml.length, contentEnd: xml.length, children: [], text: '' }
  const open = [top]
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(xml)
    const parent = open.at(-1)
    if (!match || !parent) return undefined
    const [token, slash, name, , selfClosing] = match
    const end = at + token.length
    if (name === undefined) {
      if (!token.startsWith('<')) parent.text += token
    } else if (slash) {
      if (parent === top || parent.name !== name) return undefined
      Object.assign(parent, { contentEnd: at, end, text: parent.children.length > 0 ? '' : unescapeXml(parent.text) })
      open.pop()
    } else {
      const element: Element = { name, start: at, end, contentEnd: end, children: [], text: '' }
      parent.children.push(element)
      if (!selfClosing) open.push(element)
    }
  }
  return open.length === 1 && top.children.length === 1 && top.text.trim() === '' ? top.children[0] : undefined
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescapeXml = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? entity
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
  })

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, character => `&${Object.keys(ENTITIES).find(name => ENTITIES[name] === character)};`)
