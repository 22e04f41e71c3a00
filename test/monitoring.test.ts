/** What documents and alerts say of metrics agrees with what the operator serves. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { createMetrics } from '../src/telemetry/metrics.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Type of each metric that the operator has, by its name. */
const metrics = new Map(
  [...(await createMetrics().render()).body.toString().matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name = '', type = '']) => [name, type],
  ),
)
const own = [...metrics.keys()].filter(name => name.startsWith('artifactstore_'))

test('docs/operations.md lists each metric of the operator with its type', () => {
  const rows = [...textOf('docs/operations.md').matchAll(/^\| (`artifactstore_\w+`(?:, `\w+`)*) \| (\w+) \|/gm)]
  const listed = rows.flatMap(([, names = '', type]) => names.split(', ').map(name => `${name.slice(1, -1)} ${type}`))
  assert.deepEqual(listed.sort(), own.map(name => `${name} ${metrics.get(name)}`).sort())
})

interface Alert {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; description: string; runbook_url: string }
}
const rules: { spec: { groups: { rules: Alert[] }[] } } = parse(textOf('deploy/monitoring/prometheus-rule.yaml'))
const alerts = rules.spec.groups.flatMap(group => group.rules)
const runbooks = readdirSync(join(root, 'docs/runbooks')).sort()

/** Names of what an expression reads. A histogram's series have a suffix. */
const readBy = (expr: string): string[] =>
  [...expr.replaceAll(/"[^"]*"/g, '').matchAll(/\b(?:artifactstore|process|nodejs)_\w+/g)].map(([name]) =>
    name.replace(/_(?:bucket|sum|count)$/, whole =>
      metrics.get(name.slice(0, -whole.length)) === 'histogram' ? '' : whole,
    ),
  )

test('each alert has a runbook that it leads to, and each runbook an alert', () => {
  assert.deepEqual(runbooks, alerts.map(({ alert }) => `${alert}.md`).sort())
  for (const { alert, annotations } of alerts) {
    assert.ok(annotations.runbook_url.endsWith(`/docs/runbooks/${alert}.md`), alert)
    assert.ok(annotations.summary && annotations.description, alert)
  }
})

describe('a runbook says what is seen, what it means, how to look and what to do', () => {
  for (const { alert, labels } of alerts) {
    test(alert, () => {
      const text = textOf(`docs/runbooks/${alert}.md`)
      const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading)
      assert.deepEqual(headings, [alert, 'Symptom', 'Meaning', 'How to look', 'Cures'])
      assert.ok(text.includes(`Severity: ${labels.severity}.`))
    })
  }
})

test('runbooks name reasons that the guides or the code have', () => {
  const guides = ['', 'aws-', 'azure-'].map(of => textOf(`docs/${of}troubleshooting.md`))
  const code = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map(path => textOf(join('src', path)).replaceAll("'", '`'))
  const known = [...guides, ...code].join('\n')
  for (const file of runbooks) {
    const [, table = ''] = /\n\| reason \| cure \|\n([\s\S]*?)(?:\n\n|$)/.exec(textOf(`docs/runbooks/${file}`)) ?? []
    const reasons = [...table.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) => cell.match(/`\w+`/g) ?? [])
    assert.deepEqual(
      reasons.filter(reason => !known.includes(reason)),
      [],
      file,
    )
  }
})

const panels: { title: string; targets?: { expr: string }[] }[] = JSON.parse(
  textOf('deploy/monitoring/dashboard.json'),
).panels
const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr]),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr])),
  ...runbooks.flatMap(file =>
    [...textOf(`docs/runbooks/${file}`).matchAll(/^ {4}.*_.*$/gm)].map(([line]) => [file, line]),
  ),
] as [where: string, expr: string][]

describe('the operator has each metric that is read', () => {
  for (const [where, expr] of expressions) {
    test(`by ${where}: ${expr.trim()}`, () => {
      assert.deepEqual(
        readBy(expr).filter(name => !metrics.has(name)),
        [],
      )
    })
  }
  test('and the dashboard shows each of its own', () => {
    const shown = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => readBy(expr))))
    assert.deepEqual(
      own.filter(name => !shown.has(name)),
      ['artifactstore_credentials_refresh_due_timestamp_seconds'],
    )
  })
})
