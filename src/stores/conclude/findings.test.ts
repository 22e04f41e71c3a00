import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes } from '../../../test/support/objects.ts'
import { concludedPlan, observations, served, unserved } from '../../../test/support/observations.ts'
import { CREDENTIALS_PROJECTED } from '../../api/conditions.ts'
import { stalled, transient } from '../../api/failures.ts'
import type { Projection } from '../effects/projection.ts'
import { findingsOf, findingsUnobserved } from './findings.ts'

const denied = stalled('PermissionDenied', 's3:PutObject denied')
const down = transient('EndpointUnreachable', 'no answer')

describe('the finding on credentials', () => {
  const found = (projections: Projection[], unmatched: string[] = [], expiresSoon = false) => {
    const circumstances = { keepsReady: false, expiresSoon }
    const findings = findingsOf(concludedPlan({ unmatched }), observations({ projections }), circumstances)
    const finding = findings.find(({ type }) => type === CREDENTIALS_PROJECTED)
    return `${finding?.status} ${finding?.reason}: ${finding?.message}`
  }
  const cases: [name: string, found: string, expected: string][] = [
    ['counts the Secrets when all are up to date', found([served, served]), 'True Projected: 2 Secrets up to date'],
    ['says that none are asked for', found([]), 'True NoneRequested: spec.credentials is empty'],
    [
      'gives the reason when one of two is missing',
      found([served, { ...unserved, failure: denied }]),
      'False PermissionDenied: s3:PutObject denied',
    ],
    [
      'counts those without credentials when two are missing',
      found([served, { ...unserved, failure: denied }, { ...unserved, failure: denied }]),
      'False PermissionDenied: s3:PutObject denied (2 of 3 have no credentials)',
    ],
    [
      'names an entry that leads to no namespace',
      found([served], ['viewer']),
      'True Projected: 1 Secret up to date; spec.credentials[viewer].namespaces selects none that is allowed',
    ],
    [
      'names a role once that is missing in two namespaces',
      found([unserved, unserved]),
      'False NotVerified: no credentials for step before access is verified',
    ],
    [
      'says that credentials still work when a refresh fails',
      found([served, { ...served, failure: down }]),
      'True RefreshFailing: credentials still work, but their refresh fails: no answer',
    ],
    [
      'says when credentials end if a refresh fails and that is soon',
      found([served, { ...served, failure: down, expiresAt: minutes(15) }], [], true),
      'True CredentialsEnding: credentials end at 2026-03-01T10:15:00Z, and their refresh fails: no answer',
    ],
  ]
  for (const [name, actual, expected] of cases) test(name, () => assert.equal(actual, expected))
})

describe('when credentials end soon and nothing can be observed', () => {
  const facts = { expiresAt: '2026-03-01T10:15:00Z', credentials: [] }
  const message = 'credentials end at 2026-03-01T10:15:00Z, and their refresh fails: no answer'
  for (const keepsReady of [true, false]) {
    test(keepsReady ? 'the end is told while Ready stays' : 'the end is told when Ready is lost', () => {
      const finding = findingsUnobserved(down, facts, { keepsReady, expiresSoon: true }).at(-1)
      assert.deepEqual([finding?.reason, finding?.message], ['CredentialsEnding', message])
    })
  }
  test('nothing is told of credentials without an end', () => {
    assert.deepEqual(findingsUnobserved(down, { credentials: [] }, { keepsReady: true, expiresSoon: true }), [])
  })
})
