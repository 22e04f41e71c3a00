/**
 * Pure: edits of one rule in the lifecycle configuration of a bucket, in the XML of the service. Everything else in it
 * stays the same to the letter: other people's rules may have members that the operator does not know.
 */
import { type Element, escapeXml, parseXml } from './xml.ts'

/** The rule for objects under a prefix. */
export interface Expiration {
  id: string
  /** `''` for all objects. */
  prefix: string
  /** Days after which objects expire; absent when there must be no rule. */
  days?: number | undefined
  /** Whether the bucket has, or had, versions: then replaced versions expire, too. */
  versions: boolean
  /** Beginning of the ids of rules that earlier stores of the same name have left: they go. */
  earlier?: string | undefined
  /** Id that the rule once had: such a rule goes, too. */
  former?: string | undefined
}

export interface Edit {
  kind: 'edit'
  /** The new document; absent when no rule is left. */
  xml?: string
  /** How many rules the new document has. */
  rules: number
  /** How many rules of earlier stores, or of the former id, are not in it. */
  earlier: number
}

/** Edits a document; undefined is one without rules. `unreadable`: the document is no lifecycle configuration. */
export function editLifecycle(xml: string | undefined, wanted: Expiration): Edit | 'as wanted' | 'unreadable' {
  const document = read(xml)
  if (!document) return 'unreadable'
  const ours = document.rules.filter(rule => idOf(rule) === wanted.id)
  if (ours.length > OURS_MAX) return 'unreadable'
  const left = document.rules.filter(rule => isEarlier(rule, wanted))
  const earlier = left.length
  const rules = document.rules.length - ours.length - earlier + (wanted.days === undefined ? 0 : 1)
  if (isAsWanted(ours, wanted) && earlier === 0) return 'as wanted'
  if (rules === 0) return { kind: 'edit', rules, earlier }
  const [first, ...others] = ours
  const rule = render(wanted)
  const changes = [...others, ...left].map(({ start, end }) => ({ start, end, text: '' }))
  const { insertAt } = document
  changes.push(
    first ? { start: first.start, end: first.end, text: rule } : { start: insertAt, end: insertAt, text: rule },
  )
  return { kind: 'edit', xml: replaced(document.xml, changes), rules, earlier }
}

/** Whether the wanted rule is there after a write, and so are all other rules that were there before it. */
export function isKept(before: string | undefined, after: string | undefined, wanted: Expiration): boolean {
  const were = read(before)
  const are = read(after)
  if (!were || !are) return false
  const left = new Set(are.rules.map(nameOf))
  const others = were.rules.filter(rule => idOf(rule) !== wanted.id && !isEarlier(rule, wanted))
  const ours = are.rules.filter(rule => idOf(rule) === wanted.id)
  return isAsWanted(ours, wanted) && others.every(rule => left.has(nameOf(rule)))
}

/** How many rules AWS allows; other services allow no more. */
export const RULES_MAX = 1000
/** Nobody makes more of one id than a mistake does: they would all be removed. */
const OURS_MAX = 8

const ROOT = 'LifecycleConfiguration'
const EMPTY = `<${ROOT} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></${ROOT}>`

interface Document {
  xml: string
  rules: Element[]
  /** Where in the text a new rule goes. */
  insertAt: number
}

function read(xml = EMPTY): Document | undefined {
  const root = parseXml(xml)
  if (root?.name !== ROOT) return undefined
  // A root that is one tag, <.../>, has no inside for a rule.
  if (root.contentEnd === root.end) return read(EMPTY)
  const rules = root.children.filter(({ name }) => name === 'Rule')
  if (rules.length > RULES_MAX) return undefined
  return { xml, rules, insertAt: rules.at(-1)?.end ?? root.contentEnd }
}

const isEarlier = (rule: Element, { id, earlier, former }: Expiration): boolean => {
  const is = idOf(rule)
  if (is === undefined || is === id) return false
  return is === former || (earlier !== undefined && is.startsWith(earlier))
}

const idOf = (rule: Element): string | undefined => rule.children.find(({ name }) => name === 'ID')?.text

/** Name of a rule: its id, or, from a service that gives rules no id, its content. */
const nameOf = (rule: Element): string => idOf(rule) || JSON.stringify(leaves(rule))

function isAsWanted(ours: Element[], wanted: Expiration): boolean {
  const [rule] = ours
  if (wanted.days === undefined || !rule) return wanted.days === undefined && !rule
  const parsed = parseXml(render(wanted))
  return ours.length === 1 && JSON.stringify(leaves(rule)) === JSON.stringify(parsed && leaves(parsed))
}

/** Content of a rule, `Expiration/Days=30` for each member, sorted: neither order nor empty members mean anything. */
function leaves({ children }: Element, path = ''): string[] {
  return children
    .flatMap(child => {
      const name = `${path}${child.name}`
      if (child.children.length > 0) return leaves(child, `${name}/`)
      // Older services have the prefix outside of the filter.
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

/** Copies what is between the changes, once. */
function replaced(text: string, changes: { start: number; end: number; text: string }[]): string {
  const inOrder = changes.toSorted((a, b) => a.start - b.start)
  const parts = inOrder.flatMap(({ start, text: part }, index) => [
    text.slice(inOrder[index - 1]?.end ?? 0, start),
    part,
  ])
  return [...parts, text.slice(inOrder.at(-1)?.end ?? 0)].join('')
}
