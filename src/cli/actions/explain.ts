/** `explain`: a reason or an alert, from the tables of troubleshooting and the runbooks. */
import type { Answer, Invocation, View } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'
import { ALERTS, type AlertRow, REASONS, type ReasonRow } from '../known/index.ts'
import { harmless } from '../text/harmless.ts'
import { padded, wrap } from '../text/width.ts'

export async function explain({ arguments: [word] }: Pick<Invocation, 'arguments'>): Promise<Answer> {
  if (word === undefined) return listing()
  const same = (name: string) => name.toLowerCase() === word.toLowerCase()
  const reasons = REASONS.filter(({ reason }) => same(reason))
  const alerts = ALERTS.filter(({ name }) => same(name))
  if (reasons.length + alerts.length === 0) {
    const near = nearest(word)
    throw usageFailure(
      `"${harmless(word, MOST)}" is no reason and no alert that this version knows`,
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'list all of them with "kubectl artifactstore explain"',
    )
  }
  return {
    lines: view => [...reasons.map(row => reasonLines(row, view)), ...alerts.map(row => alertLines(row, view))].flat(),
    data: report('Explanation', { reasons, alerts }),
    names: [...new Set([...reasons.map(({ reason }) => reason), ...alerts.map(({ name }) => name)])],
  }
}

function listing(): Answer {
  const names = [...new Set(REASONS.map(({ reason }) => reason))].sort()
  const alerts = ALERTS.map(({ name }) => name)
  return {
    lines: ({ width, paint }) => [
      paint('Reasons:', 'title'),
      ...wrap(names.join(' '), Number.isFinite(width) ? width : 120),
      paint('Alerts:', 'title'),
      ...wrap(alerts.join(' '), Number.isFinite(width) ? width : 120),
    ],
    data: report('Explanation', { reasons: REASONS, alerts: ALERTS }),
    names: [...names, ...alerts],
  }
}

function reasonLines({ reason, cloud, cause, cure, document }: ReasonRow, view: View): string[] {
  const title = cloud === 'all' ? reason : `${reason} (${cloud})`
  return [view.paint(title, 'title'), ...fields({ Cause: cause, Cure: cure, See: document }, view), '']
}

function alertLines({ name, severity, symptom, meaning, cures, document }: AlertRow, view: View): string[] {
  return [
    view.paint(`${name} (alert, ${severity})`, 'title'),
    ...fields({ Symptom: symptom, Meaning: meaning }, view),
    ...cures.flatMap(({ cases, cure }) => cureLines(cases, cure, view)),
    ...fields({ See: document }, view),
    '',
  ]
}

const cureLines = (cases: string[], cure: string, { width }: View): string[] => [
  ...wrap(`If ${cases.join(', ')}:`, width - 2).map(line => `  ${line}`),
  ...wrap(cure, width - 6).map(line => `      ${line}`),
]

const LABEL = 9

function fields(values: Record<string, string>, { width }: View): string[] {
  return Object.entries(values).flatMap(([name, text]) => {
    const indent = LABEL + 2
    const lines = wrap(text, width - indent)
    return lines.map((line, at) => padded(at === 0 ? `  ${name}:` : '', indent) + line)
  })
}

/** The longest word that is compared: reasons are shorter. */
const MOST = 64

/** Known names that a word could be meant as: those that contain it, or differ in few letters. */
function nearest(word: string): string[] {
  const low = word.slice(0, MOST).toLowerCase()
  const names = [...new Set([...REASONS.map(({ reason }) => reason), ...ALERTS.map(({ name }) => name)])]
  const scored = names.map(name => ({ name, distance: distanceOf(low, name.toLowerCase()) }))
  return scored
    .filter(({ name, distance }) => distance <= 3 || (low.length >= 4 && name.toLowerCase().includes(low)))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** How many letters must be changed, added or removed (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1]
    for (const [at, wanted] of [...other].entries()) {
      next.push(Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + Number(letter !== wanted)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
