import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  type AwsReply,
  type FakeAws,
  s3Error,
  startFakeAws,
  stsCredentials,
  stsError,
} from '../../../../test/support/clouds/fake-aws.ts'
import { awsMaterial } from '../../../../test/support/granted.ts'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { type Failure, isFailure } from '../../../api/failures.ts'
import type { GrantRequest, Session } from '../../provider.ts'
import { isRejection } from '../../rejection.ts'
import { createS3Provider } from '../provider.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const MINUTE = 60_000
const BASE = 'arn:aws:iam::1:role/base'
const FIRST = 'arn:aws:iam::1:role/first'
const SECOND = 'arn:aws:iam::2:role/second'
const none = new AbortController().signal

const GRANT: GrantRequest = {
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  encryption: { type: 'None' },
  access: 'ReadOnly',
  durationMs: 30 * MINUTE,
  sessionName: 'ml.prod.step',
}

describe('a chain of roles', () => {
  const provider = createS3Provider({ now: () => new Date(NOW) })
  let aws: FakeAws
  /** Minutes that credentials live, by role. */
  let life: Record<string, number>
  /** Answers instead of credentials, by role. */
  let refusal: Record<string, AwsReply>

  before(async () => {
    aws = await startFakeAws(({ action, parameters: { RoleArn = '' } }) => {
      if (!action.startsWith('AssumeRole')) return { status: 200, body: '<ListBucketResult/>' }
      const name = RoleArn.split('/')[1] ?? ''
      const end = new Date(NOW + (life[RoleArn] ?? 60) * MINUTE)
      return refusal[RoleArn] ?? stsCredentials(action, `ASIA${name}`, end, `${RoleArn}/session`)
    })
    process.env['AWS_ENDPOINT_URL'] = aws.url
  })
  after(async () => {
    delete process.env['AWS_ENDPOINT_URL']
    provider.close()
    await aws.close()
  })
  beforeEach(() => {
    aws.calls.length = 0
    life = {}
    refusal = {}
  })

  async function open(spec: AwsSpec): Promise<Session | Failure> {
    const identity = provider.identity(
      { aws: { addressingStyle: 'Path', ...spec } },
      {
        connector: { namespace: 'ml', name: 'prod', uid: 'u' },
        value: ({ key }) => (key.includes('session') ? undefined : key.includes('id') ? 'AKIAUSER' : 'hush'),
        serviceAccount: { name: 'pipelines', annotations: {}, token: async () => 'a-token' },
      },
    )
    assert.ok(!isFailure(identity), JSON.stringify(identity))
    return provider.open(identity, none)
  }
  async function opened(spec: AwsSpec): Promise<Session> {
    const session = await open(spec)
    assert.ok(!isFailure(session), JSON.stringify(session))
    return session
  }
  const minutesLeft = (session: Session) => ((session.expiresAt?.getTime() ?? 0) - NOW) / MINUTE
  const signed = () =>
    aws.calls.map(({ action, keyId, parameters }) => `${action} ${parameters['RoleArn']} by ${keyId}`)

  const byKey: AwsSpec['auth'] = { accessKey: { secretName: 'keys' } }
  const byToken: AwsSpec['auth'] = { webIdentity: { serviceAccountName: 'pipelines', roleArn: BASE } }

  test('each step of a chain signs for the next, and the last but one for consumers', async () => {
    const session = await opened({ auth: byKey, assumeRoles: [{ roleArn: FIRST }, { roleArn: SECOND }] })
    assert.deepEqual(signed(), [`AssumeRole ${FIRST} by AKIAUSER`, `AssumeRole ${SECOND} by ASIAfirst`])
    assert.deepEqual(
      aws.calls.map(({ parameters: { DurationSeconds, RoleSessionName, Policy } }) => [
        DurationSeconds,
        RoleSessionName,
        Policy,
      ]),
      Array(2).fill(['3600', 'ml-prod', undefined]),
    )
    assert.deepEqual([session.principal, session.caller.accountId], [`${SECOND}/session`, '2'])

    aws.calls.length = 0
    const grant = await session.grant(GRANT, none)
    assert.ok(!isFailure(grant), JSON.stringify(grant))
    const [look, assume] = aws.calls
    assert.deepEqual([look?.action.split('?')[0], look?.keyId], ['GET /ml/', 'ASIAsecond'])
    const { RoleArn, DurationSeconds, RoleSessionName, Policy = '' } = assume?.parameters ?? {}
    assert.deepEqual([assume?.keyId, RoleArn, DurationSeconds], ['ASIAfirst', SECOND, '1800'])
    assert.equal(RoleSessionName, 'ml.prod.step')
    assert.match(Policy, /arn:aws:s3:::ml\/prod\/\*/)
    const { accessKeyId, sessionToken } = awsMaterial(grant)
    assert.deepEqual(
      [accessKeyId, sessionToken, grant.expiresAt?.getTime()],
      ['ASIAsecond', 'token-of-ASIAsecond', NOW + 60 * MINUTE],
    )
    session.close()
  })

  test('members of a step are sent with it, and its session name also for consumers', async () => {
    const first = { roleArn: FIRST, tags: { team: 'ml', env: 'prod' } }
    const second = { roleArn: SECOND, externalId: 'x-1', sessionName: 'fixed', sourceIdentity: 'operator' }
    const session = await opened({ auth: byKey, assumeRoles: [first, second] })
    await session.grant(GRANT, none)
    const [one, two, , granted] = aws.calls.map(({ parameters }) => parameters)
    const tags = Object.entries(one ?? {}).filter(([name]) => name.startsWith('Tags.'))
    assert.deepEqual(
      tags.map(([, value]) => value),
      ['team', 'ml', 'env', 'prod'],
    )
    assert.equal(one?.['ExternalId'], undefined)
    for (const { ExternalId, RoleSessionName, SourceIdentity, ...others } of [two ?? {}, granted ?? {}]) {
      assert.deepEqual([ExternalId, RoleSessionName, SourceIdentity], ['x-1', 'fixed', 'operator'])
      assert.deepEqual(
        Object.keys(others).filter(name => name.startsWith('Tags')),
        [],
      )
    }
    session.close()
  })

  test('a chain can begin with a token', async () => {
    const session = await opened({ auth: byToken, assumeRoles: [{ roleArn: FIRST }] })
    assert.deepEqual(signed(), [`AssumeRoleWithWebIdentity ${BASE} by `, `AssumeRole ${FIRST} by ASIAbase`])
    await session.grant(GRANT, none)
    assert.equal(signed().at(-1), `AssumeRole ${FIRST} by ASIAbase`)
    session.close()
  })

  const ends: [name: string, lives: Record<string, number>, expected: number][] = [
    ['the last role', { [SECOND]: 20 }, 20],
    ['the role before', { [FIRST]: 25 }, 25],
    ['the credentials that it began with', { [BASE]: 15 }, 15],
  ]
  for (const [name, lives, expected] of ends) {
    test(`a session ends with ${name} if that ends first`, async () => {
      life = lives
      const session = await opened({ auth: byToken, assumeRoles: [{ roleArn: FIRST }, { roleArn: SECOND }] })
      assert.equal(minutesLeft(session), expected)
      session.close()
    })
  }

  const DENIED = stsError(403, 'AccessDenied', 'is not authorized to perform: sts:AssumeRole')
  const failures: [
    name: string,
    auth: AwsSpec['auth'],
    refused: string,
    reply: AwsReply,
    expected: [string, RegExp],
  ][] = [
    [
      'the first step',
      byKey,
      FIRST,
      DENIED,
      [
        'RoleNotTrusted',
        /^spec\.aws\.assumeRoles\[0\]: AssumeRole of .*\/first .* to the user of the key of Secret "ml\/keys"/,
      ],
    ],
    [
      'the second step',
      byKey,
      SECOND,
      DENIED,
      ['RoleNotTrusted', /^spec\.aws\.assumeRoles\[1\]: AssumeRole of .*\/second .* to arn:aws:iam::1:role\/first,/],
    ],
    ['the token', byToken, BASE, DENIED, ['RoleNotTrusted', /^AssumeRoleWithWebIdentity of .*\/base refused/]],
    [
      'the key',
      byKey,
      FIRST,
      stsError(403, 'InvalidClientTokenId'),
      ['CredentialsRejected', /refused the key of Secret "ml\/keys"/],
    ],
    [
      'the session of the step before',
      byKey,
      SECOND,
      stsError(403, 'ExpiredToken'),
      ['SessionExpired', /refused the session of arn:aws:iam::1:role\/first \(ExpiredToken\)/],
    ],
  ]
  for (const [name, auth, refused, reply, [reason, message]] of failures) {
    test(`a chain names the step that is refused: ${name}`, async () => {
      refusal = { [refused]: reply }
      const failure = await open({ auth, assumeRoles: [{ roleArn: FIRST }, { roleArn: SECOND }] })
      assert.ok(isFailure(failure))
      assert.equal(failure.reason, reason)
      assert.match(failure.message, message)
    })
  }

  test('a session that S3 refuses must be opened again', async () => {
    const session = await opened({ auth: byKey, assumeRoles: [{ roleArn: FIRST }] })
    const { answer } = aws
    aws.answer = () => s3Error(400, 'ExpiredToken')
    const { location, encryption } = GRANT
    const request = { location, encryption, writeProbe: 'None' as const, probeId: 'x', required: [] }
    const failure = await session.probe(request, none)
    aws.answer = answer
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.intent, failure.reason, isRejection(failure)], ['transient', 'SessionExpired', true])
    assert.match(failure.message, /the session of arn:aws:iam::1:role\/first/)
    session.close()
  })

  test('a session goes on when the role is refused to consumers', async () => {
    const session = await opened({ auth: byKey, assumeRoles: [{ roleArn: FIRST }] })
    refusal = { [FIRST]: DENIED }
    const grant = await session.grant(GRANT, none)
    assert.ok(isFailure(grant))
    assert.deepEqual([grant.reason, isRejection(grant)], ['RoleNotTrusted', false])
    refusal = { [FIRST]: stsError(403, 'ExpiredToken') }
    const ended = await session.grant(GRANT, none)
    assert.ok(isFailure(ended))
    assert.equal(isRejection(ended), true)
    session.close()
  })
})
