/**
 * Pure: one rule of a bucket's lifecycle configuration, in the XML that the service gave. All else in it stays as it
 * is, to the letter: other people's rules may have members that nobody here has heard of.
 */
import { type Element, escapeXml, parseXml } from './xml.ts'

/** What objects under a prefix expire after. */
export interface Expiration {
  id: string
  /** `''`: all objects. */
  prefix: string
  /** Absent: there is to be no such rule. */
  days?: number | undefined
  /** The bucket has, or had, versions: those that were replaced expire, too. */
  versions: boolean
}

export interface Edit {
  kind: 'edit'
  /** The document as it is to be; absent when no rule is left. */
  xml?: string
  /** How many rules that makes. */
  rules: number
}

/** `xml` absent: the bucket has no rules. `unreadable`: what the service gave is no lifecycle configuration. */
export function editLifecycle(xml: string | undefined, wanted: Expiration): Edit | 'as wanted' | 'unreadable' {
  const document = read(xml)
  if (!document) return 'unreadable'
  const ours = document.rules.filter(rule => idOf(rule) === wanted.id)
  const rules = document.rules.length - ours.length + (wanted.days === undefined ? 0 : 1)
  if (isAsWanted(ours, wanted)) return 'as wanted'
  if (rules === 0) return { kind: 'edit', rules }
  const [first, ...others] = ours
  const rule = render(wanted)
  const changes = others.map(({ start, end }) => ({ start, end, text: '' }))
  const { insertAt } = document
  changes.push(
    first ? { start: first.start, end: first.end, text: rule } : { start: insertAt, end: insertAt, text: rule },
  )
  return { kind: 'edit', xml: replaced(document.xml, changes), rules }
}

/** Whether what was written is there now, and all other rules that were there before still are. */
export function isKept(before: string | undefined, after: string | undefined, wanted: Expiration): boolean {
  const were = read(before)
  const are = read(after)
  if (!were || !are) return false
  const left = new Set(are.rules.map(nameOf))
  const others = were.rules.filter(rule => idOf(rule) !== wanted.id)
  const ours = are.rules.filter(rule => idOf(rule) === wanted.id)
  return isAsWanted(ours, wanted) && others.every(rule => left.has(nameOf(rule)))
}

const ROOT = 'LifecycleConfiguration'
const EMPTY = `<${ROOT} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></${ROOT}>`

interface Document {
  xml: string
  rules: Element[]
  /** Where another rule goes. */
  insertAt: number
}

function read(xml = EMPTY): Document | undefined {
  const root = parseXml(xml)
  if (root?.name !== ROOT) return undefined
  // One tag has no place inside.
  if (root.contentEnd === root.end) return read(EMPTY)
  const rules = root.children.filter(({ name }) => name === 'Rule')
  return { xml, rules, insertAt: rules.at(-1)?.end ?? root.contentEnd }
}

const idOf = (rule: Element): string | undefined => rule.children.find(({ name }) => name === 'ID')?.text

/** Services give each rule an id; a rule of one that does not is known by what it says. */
const nameOf = (rule: Element): string => idOf(rule) || JSON.stringify(leaves(rule))

function isAsWanted(ours: Element[], wanted: Expiration): boolean {
  const [rule] = ours
  if (wanted.days === undefined || !rule) return wanted.days === undefined && !rule
  const parsed = parseXml(render(wanted))
  return ours.length === 1 && JSON.stringify(leaves(rule)) === JSON.stringify(parsed && leaves(parsed))
}

/** `Expiration/Days=30`, sorted; the order of members means nothing, and neither do empty ones. */
function leaves({ children }: Element, path = ''): string[] {
  return children
    .flatMap(child => {
      const name = `${path}${child.name}`
      if (child.children.length > 0) return leaves(child, `${name}/`)
      // Services of some age have the prefix outside of the filter.
      return child.text.trim() === '' ? [] : [`${name === 'Prefix' ? 'Filter/Prefix' : name}=${child.text}`]
    })
    .sort()
}

function render({ id, prefix, days, versions }: Expiration): string {
  const noncurrent = `<NoncurrentVersionExpiration><NoncurrentDays>${days}</NoncurrentDays></NoncurrentVersionExpiration>`
  return days === undefined
    ? ''
    : `<Rule><ID>${escapeXml(id)}</ID><Filter><Prefix>${escapeXml(prefix)}</Prefix></Filter><Status>Enabled</Status>` +
        `<Expiration><Days>${days}</Days></Expiration>${versions ? noncurrent : ''}</Rule>`
}

function replaced(text: string, changes: { start: number; end: number; text: string }[]): string {
  const fromTheEnd = changes.toSorted((a, b) => b.start - a.start)
  return fromTheEnd.reduce((all, { start, end, text }) => all.slice(0, start) + text + all.slice(end), text)
}
