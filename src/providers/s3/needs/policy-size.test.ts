import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inParts, MAX_MANAGED, sizeOf } from './policy-size.ts'
import { type Explained, identityStatements, type Statement } from './statements.ts'

const WHERE = { region: 'eu-west-1', account: '111111111111', aws: true }
const stores = (count: number, buckets: number) =>
  Array.from({ length: count }, (_, at) => ({
    location: { bucket: `artifacts-of-${at % buckets}`, prefix: `team-${at}/` },
    uses: [],
  }))
const documentOf = (statements: readonly Explained[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map(({ statement }) => statement) })

/** Each action on each resource with each prefix. */
const allowed = (parts: readonly (readonly Explained[])[]): string[] => {
  const lines = parts.flat().flatMap(({ statement: { Action, Resource, Condition } }) =>
    Action.flatMap(action =>
      [Resource ?? []].flat().flatMap(resource => {
        const prefixes = [Condition?.['StringLike']?.['s3:prefix'] ?? '*'].flat()
        return prefixes.map(prefix => `${action} ${resource} ${prefix}`)
      }),
    ),
  )
  return [...new Set(lines)].toSorted()
}

describe('the size of a policy', () => {
  test('is that of its text without spaces', () => {
    for (const count of [0, 1, 7]) {
      const statements = identityStatements(stores(count, 3), WHERE)
      assert.equal(sizeOf(statements), Buffer.byteLength(documentOf(statements)))
    }
  })

  for (const [count, buckets] of [
    [1, 1],
    [40, 1],
    [150, 1],
    [150, 150],
    [150, 4],
  ] as const) {
    test(`is kept by parts that allow the same: ${count} stores in ${buckets} buckets`, () => {
      const statements = identityStatements(stores(count, buckets), WHERE)
      const parts = inParts(statements, MAX_MANAGED)
      for (const part of parts) assert.ok(Buffer.byteLength(documentOf(part)) <= MAX_MANAGED)
      assert.deepEqual(allowed(parts), allowed([statements]))
      // Each two together would be too large, but for what could not be cut any finer.
      assert.ok(parts.length <= Math.ceil((2 * sizeOf(statements)) / MAX_MANAGED))
    })
  }

  test('is what it is where a statement can be cut no finer', () => {
    const statement: Statement = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'x'.repeat(100) }
    const one = { statement, because: [''] }
    assert.deepEqual(inParts([one, one], 50), [[one], [one]])
  })
})
