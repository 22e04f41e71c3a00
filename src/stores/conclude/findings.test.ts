import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goodProbe, minutes } from '../../../test/support/objects.ts'
import { CREDENTIALS_PROJECTED } from '../../api/conditions.ts'
import { stalled, transient } from '../../api/failures.ts'
import type { Projection } from '../effects/project.ts'
import type { Target } from '../plan/targets.ts'
import { findingsOf, findingsUnobserved } from './findings.ts'
import type { Observations } from './observations.ts'

const target = { role: 'step', namespace: 'ml', secretNames: ['prod-step'], secretName: 'prod-step' } as Target
const served: Projection = { target, served: true, expiresAt: minutes(60), refreshAt: minutes(27), warnings: [] }
const unserved: Projection = { target, served: false, warnings: [] }
const denied = stalled('PermissionDenied', 's3:PutObject denied')
const down = transient('EndpointUnreachable', 'no answer')
const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }

describe('what is said of projected credentials', () => {
  const found = (projections: Projection[], unmatched: string[] = [], isEnding = false) => {
    const observed: Observations = {
      location,
      principal: 'alice',
      cautions: [],
      bucket: { location, create: false, ruleId: 'rule' },
      verdict: { probe: goodProbe, expirationDays: undefined, nextAt: minutes(10) },
      changes: [],
      access: undefined,
      projections,
      unmatched,
      cleanUp: undefined,
      usage: undefined,
    }
    const finding = findingsOf(observed, undefined, false, isEnding).find(({ type }) => type === CREDENTIALS_PROJECTED)
    return `${finding?.status} ${finding?.reason}: ${finding?.message}`
  }
  const cases: [name: string, found: string, expected: string][] = [
    ['all of them', found([served, served]), 'True Projected: 2 Secrets up to date'],
    ['none asked for', found([]), 'True NoneRequested: spec.credentials is empty'],
    [
      'one of two is missing',
      found([served, { ...unserved, failure: denied }]),
      'False PermissionDenied: s3:PutObject denied',
    ],
    [
      'two are missing',
      found([served, { ...unserved, failure: denied }, { ...unserved, failure: denied }]),
      'False PermissionDenied: s3:PutObject denied (2 of 3 have no credentials)',
    ],
    [
      'an entry that leads nowhere',
      found([served], ['viewer']),
      'True Projected: 1 Secret up to date; spec.credentials[viewer].namespaces selects none that is allowed',
    ],
    [
      'a role in two namespaces',
      found([unserved, unserved]),
      'False NotVerified: no credentials for step before access is verified',
    ],
    [
      'a refresh fails',
      found([served, { ...served, failure: down }]),
      'True RefreshFailing: credentials still work, but their refresh fails: no answer',
    ],
    [
      'and the end is near',
      found([served, { ...served, failure: down, expiresAt: minutes(15) }], [], true),
      'True CredentialsEnding: credentials end at 2026-03-01T10:15:00Z, and their refresh fails: no answer',
    ],
  ]
  for (const [name, actual, expected] of cases) test(name, () => assert.equal(actual, expected))
})

describe('the end is near, and nothing can be observed', () => {
  const facts = { expiresAt: '2026-03-01T10:15:00Z', credentials: [] }
  const message = 'credentials end at 2026-03-01T10:15:00Z, and their refresh fails: no answer'
  for (const isHeld of [true, false]) {
    test(isHeld ? 'Ready holds' : 'Ready is lost', () => {
      const finding = findingsUnobserved(down, facts, isHeld, true).at(-1)
      assert.deepEqual([finding?.reason, finding?.message], ['CredentialsEnding', message])
    })
  }
  test('credentials without an end do not end', () => {
    assert.deepEqual(findingsUnobserved(down, { credentials: [] }, true, true), [])
  })
})
