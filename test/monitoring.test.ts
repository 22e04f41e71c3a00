/** What documents and alerts say of metrics agrees with what the operator serves. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createMetrics } from '../src/telemetry/metrics.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Type of each metric that the operator has, by its name. */
const metrics = new Map(
  [...(await createMetrics().render()).body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
    name,
    type,
  ]),
)
const own = [...metrics.keys()].filter(name => name.startsWith('artifactstore_'))

test('docs/operations.md lists each metric of the operator with its type', () => {
  const rows = [...textOf('docs/operations.md').matchAll(/^\| (`artifactstore_\w+`(?:, `\w+`)*) \| (\w+) \|/gm)]
  const listed = rows.flatMap(([, names = '', type]) => names.split(', ').map(name => `${name.slice(1, -1)} ${type}`))
  assert.deepEqual(listed.sort(), own.map(name => `${name} ${metrics.get(name)}`).sort())
})
