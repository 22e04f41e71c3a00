import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../../api/failures.ts'
import type { Auth } from './auth.ts'
import { cautionsOf, type Issuing, longestGrant, wayToIssue } from './ways-to-issue.ts'

const key = (temporary: boolean): Auth => ({
  kind: 'accessKey',
  secret: 'ml/keys',
  temporary,
  key: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'hush' }),
})
const AUTHS = {
  webIdentity: {
    kind: 'webIdentity',
    roleArn: 'arn:aws:iam::1:role/ml',
    audience: 'a',
    subject: 's',
    token: () => Promise.reject(new Error('unused')),
  } as Auth,
  'long-term key': key(false),
  'temporary key': key(true),
  implicit: { kind: 'implicit' } as Auth,
}

type Name = keyof typeof AUTHS
type Issue = NonNullable<Issuing['issue']>

const issuing = (auth: Name, roles: number, aws: boolean, issue?: Issue): Issuing => ({
  auth: AUTHS[auth],
  assumeRoles: Array.from({ length: roles }),
  s3: aws ? {} : { url: 'https://minio:9000' },
  ...(issue ? { issue } : {}),
})

const WEB = 'AssumeRoleWithWebIdentity'
const ROLE = 'AssumeRole'

/** The way to issue; or, where there is none, why. */
type Expected = string | [reason: string, message: RegExp]

const NOT_BY_KEY = (issue: Issue): Expected => [
  'IssueNotPossible',
  new RegExp(`^spec\\.aws\\.issue: ${issue} needs the key of a user: use spec\\.aws\\.auth\\.accessKey without`),
]
const NEEDS_LONG_TERM = (issue: Issue): Expected => [
  'IssueNotPossible',
  new RegExp(`^spec\\.aws\\.issue: ${issue} needs a long-term key, and the key of Secret "ml/keys" is a temporary`),
]
const NEEDS_ROLE: Expected = ['RoleNotSet', /^spec\.aws\.issue: AssumeRole needs a role: add spec\.aws\.assumeRoles/]

const byKeyOnly = (issue: Issue): [auth: Name, roles: number, issue: Issue, aws: Expected, other?: Expected][] =>
  (['webIdentity', 'implicit'] as const).flatMap(auth =>
    [0, 1].map((roles): [Name, number, Issue, Expected] => [auth, roles, issue, NOT_BY_KEY(issue)]),
  )

describe('how credentials are issued', () => {
  const cases: [auth: Name, roles: number, issue: Issue | undefined, aws: Expected, other?: Expected][] = [
    ['webIdentity', 0, undefined, WEB],
    ['webIdentity', 1, undefined, ROLE],
    ['long-term key', 0, undefined, 'GetFederationToken', ROLE],
    ['long-term key', 1, undefined, ROLE],
    [
      'temporary key',
      0,
      undefined,
      [
        'CannotIssue',
        /^spec\.aws\.auth\.accessKey: the key of Secret "ml\/keys" is a temporary.*assumeRoles, or set spec\.aws\.issue: Static/,
      ],
      ROLE,
    ],
    ['temporary key', 1, undefined, ROLE],
    [
      'implicit',
      0,
      undefined,
      ['CannotIssue', /^spec\.aws\.auth\.implicit: .*add a role .* to spec\.aws\.assumeRoles/],
      ROLE,
    ],
    ['implicit', 2, undefined, ROLE],

    ['webIdentity', 0, 'AssumeRole', WEB],
    ['webIdentity', 1, 'AssumeRole', ROLE],
    ['long-term key', 0, 'AssumeRole', NEEDS_ROLE, ROLE],
    ['long-term key', 1, 'AssumeRole', ROLE],
    ['temporary key', 0, 'AssumeRole', NEEDS_ROLE, ROLE],
    ['implicit', 0, 'AssumeRole', NEEDS_ROLE, ROLE],
    ['implicit', 1, 'AssumeRole', ROLE],

    ['long-term key', 0, 'FederationToken', 'GetFederationToken'],
    ['long-term key', 0, 'SessionToken', 'GetSessionToken'],
    ['long-term key', 0, 'Static', 'Static'],
    ['temporary key', 0, 'FederationToken', NEEDS_LONG_TERM('FederationToken')],
    ['temporary key', 0, 'SessionToken', NEEDS_LONG_TERM('SessionToken')],
    ['temporary key', 0, 'Static', 'Static'],
    ...(['FederationToken', 'SessionToken', 'Static'] as const).flatMap(issue => [
      ...byKeyOnly(issue),
      ['long-term key', 1, issue, NOT_BY_KEY(issue)] as [Name, number, Issue, Expected],
    ]),
  ]
  for (const [auth, roles, issue, onAws, elsewhere = onAws] of cases) {
    for (const [aws, expected] of [
      [true, onAws],
      [false, elsewhere],
    ] as const) {
      test(`the way to issue of ${auth}, ${roles} roles, issue ${issue ?? 'unset'}, at ${aws ? 'AWS' : 'another service'}`, () => {
        const way = wayToIssue(issuing(auth, roles, aws, issue))
        if (typeof expected === 'string') return assert.equal(way, expected)
        assert.ok(isFailure(way), JSON.stringify(way))
        assert.deepEqual([way.intent, way.reason], ['stalled', expected[0]])
        assert.match(way.message, expected[1])
      })
    }
  }
})

describe('an hour at most', () => {
  const cases: [auth: Name, roles: number, expected: boolean][] = [
    ['webIdentity', 0, false],
    ['webIdentity', 1, true],
    ['implicit', 1, true],
    ['temporary key', 0, false],
    ['temporary key', 1, true],
    ['long-term key', 0, false],
    ['long-term key', 1, false],
    ['long-term key', 2, true],
  ]
  for (const [auth, roles, expected] of cases) {
    test(`a grant of ${auth} with ${roles} roles ${expected ? 'lasts an hour at most' : 'has no fixed maximum'}`, () => {
      assert.equal(longestGrant(issuing(auth, roles, true))?.ms, expected ? 3_600_000 : undefined)
    })
  }
})

describe('cautions', () => {
  const cases: [auth: Name, issue: Issue | undefined, expected: string[]][] = [
    ['long-term key', undefined, []],
    ['long-term key', 'FederationToken', []],
    ['webIdentity', undefined, []],
    [
      'long-term key',
      'SessionToken',
      ['spec.aws.issue: SessionToken gives all rights of the user, not narrowed to prefix and access'],
    ],
    [
      'long-term key',
      'Static',
      ['spec.aws.issue: Static copies the key itself: it never expires, and its rights are not narrowed'],
    ],
    [
      'temporary key',
      'Static',
      ['spec.aws.issue: Static copies the key itself: its end is not known, and its rights are not narrowed'],
    ],
  ]
  for (const [auth, issue, expected] of cases) {
    test(`credentials of ${auth} with issue ${issue ?? 'unset'} have ${expected.length} cautions`, () =>
      assert.deepEqual(cautionsOf(issuing(auth, 0, true, issue)), expected))
  }
})
