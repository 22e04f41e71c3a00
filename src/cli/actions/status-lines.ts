/** Pure: an overview as lines: a tree in a table, and below it what is wrong. */
import type { View } from '../frame/command.ts'
import { type Health, isWell } from '../overview/health.ts'
import { type Group, groupsOf, type Overview } from '../overview/overview.ts'
import type { ConnectorRow, SecretRow, StoreRow } from '../overview/rows.ts'
import { bytesOf, seenFrom } from '../text/ages.ts'
import { harmless } from '../text/harmless.ts'
import type { Tone } from '../text/style.ts'
import { type Cell, type Column, table } from '../text/table.ts'
import { type Branch, treeRows } from '../text/tree.ts'
import { wrap } from '../text/width.ts'

export interface Frame {
  now: Date
  /** `in namespace "ml"`, for when there is nothing there. */
  where: string
  view: View
}

const COLUMNS: Column[] = [
  // Names are for the next command.
  { title: 'NAME', min: 44 },
  { title: 'READY' },
  { title: 'REASON', drop: 2, min: 12 },
  { title: 'ENDS', drop: 1 },
  { title: 'REFRESH', drop: 4 },
  { title: 'USAGE', drop: 6 },
  { title: 'LOCATION', drop: 5, min: 20 },
  { title: 'CALLED', drop: 7, min: 12 },
]

/** The longest name for people, identity or path in a table: kubectl shows the rest. */
const CELL = 120

export function statusLines(overview: Overview, frame: Frame): string[] {
  const groups = groupsOf(overview)
  if (groups.length === 0) return [`There are no connectors and stores ${frame.where}.`]
  const rows = treeRows(groups.map(group => groupBranch(group, frame.now)))
  return [...table(COLUMNS, rows, frame.view.paint, frame.view.width), ...remarks(overview, frame.view)]
}

function groupBranch({ key, connector, stores }: Group, now: Date): Branch {
  const below = stores.map(store => storeBranch(store, now))
  const name = `connector ${harmless(key)}${connector?.deletedAt ? DELETED : ''}`
  if (!connector) return { cells: [name, { text: '?', tone: 'unsure' }, 'not there, or not yours to see'], below }
  const { health, expiresAt, principal } = connector
  const cells = [name, readyCell(health), reasonCell(health), seenFrom(now, expiresAt), '', '']
  return { cells: [...cells, harmless(principal, CELL)], below }
}

function storeBranch(store: StoreRow, now: Date): Branch {
  const { health, usage, secrets, secretsOmitted, displayName } = store
  const first = secrets.flatMap(({ expiresAt }) => expiresAt ?? []).sort()[0]
  const due = secrets.flatMap(({ refreshAt }) => refreshAt ?? []).sort()[0]
  const omitted: Branch[] = secretsOmitted ? [{ cells: [`and ${secretsOmitted} Secrets more`], below: [] }] : []
  return {
    cells: [
      `store ${harmless(`${store.namespace}/${store.name}`)}${store.isDefault ? ' (default)' : ''}${store.deletedAt ? DELETED : ''}`,
      readyCell(health),
      reasonCell(health),
      seenFrom(now, first),
      dueCell(due, now),
      usage ? `${usage.objects} objects, ${bytesOf(usage.bytes)}` : '',
      harmless(store.path, CELL),
      harmless(displayName, CELL),
    ],
    below: [...namespaceBranches(secrets, now), ...omitted],
  }
}

const DELETED = ' (being deleted)'

function namespaceBranches(secrets: SecretRow[], now: Date): Branch[] {
  const namespaces = [...new Set(secrets.map(({ namespace }) => namespace))].sort()
  return namespaces.map(namespace => ({
    cells: [`namespace ${harmless(namespace)}`],
    below: secrets.filter(secret => secret.namespace === namespace).map(secret => secretBranch(secret, now)),
  }))
}

function secretBranch({ name, role, expiresAt, issuedAt, refreshAt, caution }: SecretRow, now: Date): Branch {
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime()
  const end: Cell = expiresAt ? { text: seenFrom(now, expiresAt), tone: isOver ? 'bad' : 'plain' } : 'never'
  const due = refreshAt || !expiresAt || issuedAt ? dueCell(refreshAt, now) : { text: '?', tone: 'quiet' as const }
  const state: Cell[] = [
    `secret ${harmless(name)}`,
    '',
    { text: harmless(caution ? 'with a caution' : ''), tone: 'unsure' },
  ]
  return { cells: [...state, end, due, '', `for ${harmless(role)}`], below: [] }
}

/** A refresh that was due a while ago is late. */
function dueCell(refreshAt: string | undefined, now: Date): Cell {
  const isLate = refreshAt !== undefined && Date.parse(refreshAt) < now.getTime() - LATE_MS
  return { text: seenFrom(now, refreshAt), tone: isLate ? 'unsure' : 'plain' }
}

const LATE_MS = 60_000

function readyCell({ ready, reason, isReconciling, isCurrent }: Health): Cell {
  const tone: Tone =
    reason === 'Suspended' ? 'quiet' : ready === 'True' ? (isReconciling || !isCurrent ? 'unsure' : 'good') : 'bad'
  return { text: ready, tone: ready === 'Unknown' && reason !== 'Suspended' ? 'unsure' : tone }
}

const reasonCell = (health: Health): Cell => ({
  text: harmless(health.reason, CELL),
  tone: isWell(health) ? 'plain' : 'bad',
})

/** What is wrong, and what people should know, each with the object that it is about. */
function remarks({ connectors, stores }: Overview, { paint, width }: View): string[] {
  const all = [
    ...connectors.map(row => ({ row, name: `connector ${row.namespace}/${row.name}` })),
    ...stores.map(row => ({ row, name: `store ${row.namespace}/${row.name}` })),
  ]
  const wrong = all.filter(({ row }) => !isWell(row.health)).map(({ row, name }) => ({ name, words: wordsOf(row) }))
  const trouble = all.flatMap(({ row, name }) =>
    isWell(row.health) && row.health.trouble ? [{ name, words: row.health.trouble }] : [],
  )
  const cautions = all.flatMap(({ row, name }) => row.cautions.map(words => ({ name, words })))
  const paragraph = (title: string, tone: Tone, remarks: { name: string; words: string }[]) =>
    remarks.length === 0
      ? []
      : [
          '',
          paint(title, tone),
          ...remarks.flatMap(({ name, words }) =>
            wrap(harmless(`${name}: ${words}`), width - INDENT.length).map(
              (line, at) => (at === 0 ? '  ' : INDENT) + line,
            ),
          ),
        ]
  return [
    ...paragraph('Not ready:', 'bad', wrong),
    ...paragraph('Ready, with trouble:', 'unsure', trouble),
    ...paragraph('Cautions:', 'unsure', cautions),
  ]
}

const INDENT = '    '

const wordsOf = ({ health: { reason, message } }: ConnectorRow | StoreRow): string => `${reason}: ${message}`
