/** Checks that each reason that the operator can write is explained somewhere, and once. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { REASONS } from '../src/cli/known/index.ts'
import { Guide, reasonsOf } from './guides.ts'

const guide = new Guide('troubleshooting.md')
const clouds = [new Guide('aws-troubleshooting.md'), new Guide('azure-troubleshooting.md')]

/** Reasons of conditions and events that say what is well, or how far it is. */
const WELL = [
  ...['Authenticated', 'Reachable', 'PermissionsVerified', 'Verified', 'VerifiedWithCaution', 'Proven', 'NotProven'],
  ...['Projected', 'ProjectedWithCaution', 'NoneRequested', 'Measured', 'Measuring', 'Listed', 'Truncated'],
  ...['KeyNotProven', 'Progressing', 'NotObserved', 'BucketPrepared', 'SecretRemade'],
  // Of events about a deletion that is over: they name what is left, and where.
  ...['RuleLeftBehind', 'SecretsLeftBehind'],
]
/** What is no reason of a condition: the state of a look-up, and marks in traces. */
const NO_REASONS = ['NotFound', 'StatusNotWritten']

describe('reasons in docs/troubleshooting.md and the guides of clouds', () => {
  const written = reasonsOf('.', 'cli/')
  const explained = new Set([guide, ...clouds].flatMap(({ reasons }) => reasons))

  test('are all that the operator can write, but for those that say that all is well', () => {
    assert.ok(written.size > 150, `${written.size}`)
    assert.deepEqual(
      [...written].filter(reason => ![...WELL, ...NO_REASONS].includes(reason) && !explained.has(reason)).sort(),
      [],
    )
  })

  test('are written somewhere', () => {
    assert.deepEqual(
      [...guide.reasons, ...WELL].filter(reason => !written.has(reason)),
      [],
    )
  })

  test('are in one of the two: those of clouds in their guides', () => {
    assert.deepEqual(
      guide.reasons.filter((reason, at) => guide.reasons.indexOf(reason) !== at),
      [],
    )
    assert.deepEqual(
      guide.reasons.filter(reason => clouds.some(({ reasons }) => reasons.includes(reason))),
      [],
    )
  })

  test('are in the alphabet, so that people find them', () => {
    assert.deepEqual(guide.reasons, [...guide.reasons].sort())
  })

  test('are known to the command line', () => {
    const known = new Set(REASONS.map(({ reason }) => reason))
    assert.deepEqual(
      [...explained].filter(reason => !known.has(reason)),
      [],
    )
  })
})
