/** Pure: single elements of XML that others write, found without parsing the rest (docs/adr/0020). */

/** The text of the first element with the name; undefined where there is none. `xml` must be bounded. */
export function elementOf(xml: string, name: string): string | undefined {
  const start = `<${name}>`
  const at = xml.indexOf(start)
  if (at < 0) return undefined
  const end = xml.indexOf('<', at + start.length)
  return unescaped(xml.slice(at + start.length, end < 0 ? undefined : end))
}

const ENTITIES: Record<string, string> = {
  ...{ '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" },
  ...{ '&#34;': '"', '&#39;': "'", '&#10;': ' ', '&#xA;': ' ' },
}

const unescaped = (text: string): string => text.replace(/&#?\w{1,4};/g, entity => ENTITIES[entity] ?? entity)
