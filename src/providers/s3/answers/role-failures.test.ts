import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RoleStep, S3Identity } from '../identity/identity.ts'
import type { Signer } from '../identity/signer.ts'
import type { Answer } from './answer.ts'
import { roleFailure } from './role-failures.ts'

const FIRST = 'arn:aws:iam::1:role/first'
const SECOND = 'arn:aws:iam::2:role/second'

const identity = (role: Partial<RoleStep>, url?: string): S3Identity => ({
  provider: 'aws',
  fingerprint: 'f',
  connector: 'ml/aws',
  sessionDurationMs: 3_600_000,
  cautions: [],
  region: 'eu-west-1',
  s3: { host: 's3.example', field: 'f', ...(url ? { url } : {}) },
  sts: { host: 'sts.example', field: 'f' },
  addressingStyle: 'path',
  auth: { kind: 'implicit' },
  assumeRoles: [{ roleArn: FIRST }, { roleArn: SECOND, ...role }],
})

const BY_ROLE: Signer = { kind: 'session', of: FIRST }
const DENIED: Answer = {
  status: 403,
  code: 'AccessDenied',
  message: `User: arn:aws:sts::1:assumed-role/first/x is not authorized to perform: sts:AssumeRole on resource: ${SECOND}`,
}
const denied = (action: string): Answer => ({
  ...DENIED,
  message: `is not authorized to perform: ${action} on resource`,
})

describe('roleFailure', () => {
  const cases: [
    name: string,
    answer: Answer,
    expected: [reason: string, message: string],
    role?: Partial<RoleStep>,
    signer?: Signer,
    url?: string,
  ][] = [
    [
      'a trust policy that does not name the step before',
      DENIED,
      [
        'RoleNotTrusted',
        `check that the role exists, let its trust policy allow sts:AssumeRole to ${FIRST}, whose own policy must allow it on the role, too`,
      ],
    ],
    [
      'a trust policy that may require an external id and a session name',
      DENIED,
      [
        'RoleNotTrusted',
        `check that the role exists, let its trust policy allow sts:AssumeRole, sts:TagSession, sts:SetSourceIdentity (with the externalId and sessionName of this step) to ${FIRST}, whose own policy must allow it on the role, too`,
      ],
      { tags: { team: 'ml' }, sourceIdentity: 'operator', externalId: 'x1', sessionName: 'name' },
    ],
    [
      'a trust policy that may require the external id of the operator',
      DENIED,
      [
        'RoleNotTrusted',
        `check that the role exists, let its trust policy allow sts:AssumeRole (with sts:ExternalId "artifactstore.dev/uid/ml/aws") to ${FIRST}, whose own policy must allow it on the role, too`,
      ],
      { externalId: 'artifactstore.dev/uid/ml/aws' },
    ],
    [
      'tags that the trust policy does not allow, even those that Pod Identity passes on',
      denied('sts:TagSession'),
      [
        'RoleNotTrusted',
        `let its trust policy allow sts:TagSession to ${FIRST}, whose own policy must allow it on the role, too`,
      ],
    ],
    [
      'a source identity that the trust policy does not allow',
      denied('sts:SetSourceIdentity'),
      [
        'RoleNotTrusted',
        `let its trust policy allow sts:SetSourceIdentity to ${FIRST}, whose own policy must allow it on the role, too`,
      ],
    ],
    [
      'a trust policy that does not name the user of a key',
      DENIED,
      [
        'RoleNotTrusted',
        'check that the role exists, let its trust policy allow sts:AssumeRole to the user of the key of Secret "ml/k", whose own policy must allow it on the role, too',
      ],
      {},
      { kind: 'key', secret: 'ml/k', temporary: false },
    ],
    [
      'a trust policy that does not name the operator',
      denied('sts:TagSession'),
      [
        'RoleNotTrusted',
        "let its trust policy allow sts:TagSession to the operator's own role, whose own policy must allow it on the role, too",
      ],
      {},
      { kind: 'session', of: "the operator's own AWS identity" },
    ],
    [
      'a service that has no chains',
      { status: 403, code: 'AccessDenied', message: 'Access Denied.' },
      [
        'RoleNotTrusted',
        `check that the role exists, let its trust policy allow sts:AssumeRole to ${FIRST}, whose own policy must allow it on the role, too; some services assume no role with the credentials of another`,
      ],
      {},
      BY_ROLE,
      'https://minio:9000',
    ],
    [
      'the root user, who assumes no roles',
      { ...DENIED, message: 'Roles may not be assumed by root accounts.' },
      ['AssumeRoleRefused', "an account's root user assumes no roles: store the key of a user"],
    ],
    [
      'a role that Ceph does not have',
      { status: 404, code: 'NoSuchEntity' },
      ['RoleNotFound', 'there is no such role: correct roleArn in a new ServiceConnector'],
    ],
    [
      'a bad request',
      { status: 400, code: 'ValidationError', message: 'tags' },
      [
        'AssumeRoleRefused',
        'it does not accept the request: check roleArn, externalId, sessionName, sourceIdentity and tags',
      ],
    ],
  ]
  for (const [name, answer, [reason, message], role = {}, signer = BY_ROLE, url] of cases) {
    test(`a role that can’t be assumed is explained: ${name}`, () => {
      const failure = roleFailure(answer, identity(role, url), 1, signer)
      assert.deepEqual([failure.intent, failure.reason], ['stalled', reason])
      const what = `spec.aws.assumeRoles[1]: AssumeRole of ${SECOND} refused by sts.example (${answer.code}): `
      assert.equal(failure.message, what + message)
    })
  }
})
