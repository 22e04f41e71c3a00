import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  EXPIRES_AT_ANNOTATION,
  GRANT_ANNOTATION,
  ISSUED_AT_ANNOTATION,
  ROLE_LABEL,
  STORE_UID_LABEL,
} from '../../src/api/names.ts'
import { type AuditEvent, type Judgement, judge, MARK, MARK_CONDITION, OPERATOR_USER } from './judge.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 2, 1) + second * 1_000).toISOString()

/** A write that was answered at once. `by`: a process of the operator, or `others`. */
function write(second: number, by: string, rest: Partial<AuditEvent> = {}): AuditEvent {
  const isOperator = by !== 'others'
  return {
    verb: 'patch',
    requestURI: '/apis',
    user: {
      username: isOperator ? OPERATOR_USER : 'admin',
      ...(isOperator ? { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${by}`] } } : {}),
    },
    objectRef: { resource: 'artifactstores', namespace: 'ml', name: 'prod', subresource: 'status' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: at(second),
    stageTimestamp: at(second),
    ...rest,
  }
}

const lease = (second: number, by: string, holderIdentity = by): AuditEvent =>
  write(second, by, {
    verb: 'update',
    objectRef: { resource: 'leases', namespace: 'artifact-store-system', name: 'artifact-store-operator' },
    responseObject: { spec: { holderIdentity } },
  })

const object = (version: number, responseObject: AuditEvent['responseObject'] = {}): Partial<AuditEvent> => ({
  responseObject: {
    ...responseObject,
    metadata: { uid: 'u', resourceVersion: `${version}`, ...responseObject.metadata },
  },
})
const annotated = (version: number, annotations: Record<string, string>) =>
  object(version, { metadata: { annotations } })
const observed = (version: number, observedGeneration: number) => object(version, { status: { observedGeneration } })
const marked = (version: number, message: string) =>
  object(version, { status: { conditions: [{ type: MARK_CONDITION, message }] } })

const secret = (
  second: number,
  by: string,
  rest: { name?: string; grant?: string; verb?: string; role?: string } = {},
) => {
  const { name = 'prod-step', grant = 'g', verb = 'create', role = 'step' } = rest
  return write(second, by, {
    verb,
    objectRef: { resource: 'secrets', namespace: 'ml', name },
    responseObject: {
      metadata: {
        ...{ name, uid: `uid-of-${name}-${second}`, resourceVersion: `${second}` },
        labels: { [STORE_UID_LABEL]: 's', [ROLE_LABEL]: role },
        annotations: { [GRANT_ANNOTATION]: grant, [ISSUED_AT_ANNOTATION]: at(second) },
      },
    },
  })
}

type Kind = keyof Judgement
const CASES: Record<Kind, [name: string, events: AuditEvent[], findings: number][]> = {
  twoLeaders: [
    ['one leader writes', [lease(1, 'a'), write(2, 'a'), lease(3, 'a'), write(4, 'a')], 0],
    ['one leads after the other', [lease(1, 'a'), write(2, 'a'), lease(3, 'b'), write(4, 'b')], 0],
    ['the first one writes after the other leads', [lease(1, 'a'), lease(3, 'b'), write(4, 'a')], 1],
    [
      'a write that came in before the other led is answered after it',
      [lease(1, 'a'), lease(3, 'b'), write(2, 'a', { stageTimestamp: at(4) })],
      0,
    ],
    ['a refused write is none', [lease(1, 'a'), lease(3, 'b'), write(4, 'a', { responseStatus: { code: 403 } })], 0],
    ['a dry run is none', [lease(1, 'a'), lease(3, 'b'), write(4, 'a', { requestURI: '/api?dryRun=All' })], 0],
    ['one that never led writes', [lease(1, 'a'), write(2, 'b')], 1],
    ['giving the lease up is no lead', [lease(1, 'a'), lease(2, 'a', ''), lease(3, 'b'), write(4, 'b')], 0],
    ['others may write', [lease(1, 'a'), write(2, 'others')], 0],
    ['without election, one after the other', [write(1, 'a'), write(2, 'b'), write(3, 'b')], 0],
    ['without election, both', [write(1, 'a'), write(2, 'b'), write(3, 'a')], 1],
  ],
  lostUpdates: [
    [
      'a mark grows',
      [write(1, 'others', annotated(1, { [MARK]: '1' })), write(2, 'a', annotated(2, { [MARK]: '1' }))],
      0,
    ],
    [
      'a mark is set back',
      [write(1, 'others', annotated(1, { [MARK]: '2' })), write(2, 'a', annotated(2, { [MARK]: '1' }))],
      1,
    ],
    ['a mark is gone', [write(1, 'others', annotated(1, { [MARK]: '2' })), write(2, 'a', object(2))], 1],
    [
      'the log has another order than the versions',
      [write(1, 'a', annotated(2, { [MARK]: '2' })), write(2, 'others', annotated(1, { [MARK]: '1' }))],
      0,
    ],
    ['a condition of others is gone', [write(1, 'others', marked(1, '1')), write(2, 'a', observed(2, 1))], 1],
    ['the observed generation goes back', [write(1, 'a', observed(1, 3)), write(2, 'b', observed(2, 2))], 1],
    [
      'older credentials come back',
      [
        write(1, 'a', annotated(1, { [EXPIRES_AT_ANNOTATION]: at(20) })),
        write(2, 'b', annotated(2, { [EXPIRES_AT_ANNOTATION]: at(10) })),
      ],
      1,
    ],
    [
      'an object that was deleted is another one',
      [write(1, 'others', annotated(1, { [MARK]: '2' })), write(2, 'a', { ...object(2), verb: 'delete' })],
      0,
    ],
  ],
  secretsTwice: [
    ['one is made', [secret(1, 'a')], 0],
    ['one is made beside another one for the same', [secret(1, 'a'), secret(2, 'b', { name: 'other' })], 1],
    [
      'one is made after the other was deleted',
      [secret(1, 'a'), secret(2, 'a', { verb: 'delete' }), secret(3, 'a', { name: 'other' })],
      0,
    ],
    ['another entry has another one', [secret(1, 'a'), secret(2, 'a', { name: 'other', role: 'jobs' })], 0],
    ['credentials are replaced too early', [secret(1, 'a'), secret(5, 'b', { verb: 'patch' })], 1],
    ['credentials are replaced in time', [secret(1, 'a'), secret(20, 'a', { verb: 'patch' })], 0],
    ['credentials for something else replace them', [secret(1, 'a'), secret(5, 'a', { verb: 'patch', grant: 'h' })], 0],
    [
      'one that was deleted is made again',
      [secret(1, 'a'), secret(2, 'others', { verb: 'delete' }), secret(3, 'a')],
      0,
    ],
  ],
}

for (const [kind, cases] of Object.entries(CASES) as [Kind, (typeof CASES)[Kind]][]) {
  describe(`${kind} of an audit log`, () => {
    for (const [name, events, findings] of cases) {
      test(name, () => {
        const judged = judge(events, { calmMs: 10_000 })
        assert.equal(judged[kind].length, findings, judged[kind].join('\n'))
        const others = Object.entries(judged).filter(([other]) => other !== kind)
        assert.deepEqual(
          others.filter(([, list]) => list.length > 0 && kind !== 'secretsTwice'),
          [],
        )
      })
    }
  })
}

test('early replacement is not judged where clocks jump', () => {
  const events = [secret(1, 'a'), secret(2, 'a', { verb: 'patch' })]
  assert.deepEqual(judge(events, { calmMs: undefined }).secretsTwice, [])
})
