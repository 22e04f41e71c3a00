import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  type CredentialEndpoint,
  type ServedKey,
  startMetadataService,
  startPodIdentityAgent,
} from '../../../../test/support/clouds/credential-endpoints.ts'
import { startFakeAws, stsCredentials } from '../../../../test/support/clouds/fake-aws.ts'
import { isFailure } from '../../../api/failures.ts'
import { createAgents } from '../../network/agents.ts'
import { createEndpointGuard } from '../../network/endpoint-guard.ts'
import { implicitFailure, implicitKey } from './implicit.ts'

const none = new AbortController().signal
const NOW = new Date('2030-01-01T00:00:00Z')
const HOUR = 3_600_000

const served = (name: string, lifeMs = HOUR): ServedKey => ({
  accessKeyId: `ASIA${name}`,
  secretAccessKey: 'hush',
  sessionToken: `token-of-${name}`,
  expiresAt: new Date(NOW.getTime() + lifeMs),
})

const NOTHING = { AWS_CONFIG_FILE: '/none', AWS_SHARED_CREDENTIALS_FILE: '/none' }
const own = { ...process.env }
/** Replaces the environment that the operator runs with. */
function become(environment: Record<string, string>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, NOTHING, environment)
}
after(() => {
  process.env = own
})

/** Addresses that the operator has connected to through its own network. */
const connected: string[] = []
const guard = createEndpointGuard()
const refusedAddress = (address: string) => {
  connected.push(address)
  return guard.refusedAddress(address)
}
const handlerOptions = {
  ...createAgents({ guard: { ...guard, refusedAddress }, proxyEnv: {} }, { maxSockets: 1 }),
  connectionTimeout: 1_000,
}
const options = { now: () => NOW, handlerOptions }

const obtain = async () => {
  const found = await implicitKey(options, none)
  return isFailure(found)
    ? `${found.intent} ${found.reason}`
    : `${found.key.accessKeyId} until ${found.expiresAt?.toISOString()}`
}

describe('the operator’s own key', () => {
  const endpoints: [name: string, start: () => Promise<CredentialEndpoint>][] = [
    ['EKS Pod Identity', () => startPodIdentityAgent('service-account-token')],
    ['an instance role', startMetadataService],
  ]
  for (const [name, start] of endpoints) {
    describe(`by ${name}`, () => {
      let endpoint: CredentialEndpoint
      before(async () => {
        endpoint = await start()
      })
      afterEach(() => {
        endpoint.requests.length = 0
      })
      after(() => endpoint.close())

      test(`the operator’s own key by ${name} is asked for anew each time`, async () => {
        become(endpoint.environment)
        for (const round of ['ONE', 'TWO']) {
          endpoint.key = served(round)
          assert.equal(await obtain(), `ASIA${round} until 2030-01-01T01:00:00.000Z`)
        }
        assert.deepEqual(
          endpoint.requests.filter(request => !/ 200$/.test(request)),
          [],
        )
      })

      test(`the operator’s own key by ${name} is waited for while the service is out of order`, async () => {
        become(endpoint.environment)
        endpoint.key = undefined
        assert.equal(
          await obtain(),
          name === 'EKS Pod Identity' ? 'transient ImplicitIdentityUnavailable' : 'stalled NoImplicitIdentity',
        )
      })
    })
  }

  test('the operator has no key of its own when the container’s token is refused', async t => {
    const agent = await startPodIdentityAgent('right')
    t.after(() => agent.close())
    agent.key = served('ONE')
    become({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'wrong',
    })
    assert.equal(await obtain(), 'transient ImplicitIdentityUnavailable')
  })

  test('a key of the operator’s own that has expired is none', async t => {
    const agent = await startPodIdentityAgent('right')
    t.after(() => agent.close())
    agent.key = served('OLD', -HOUR)
    become(agent.environment)
    assert.equal(await obtain(), 'transient ImplicitIdentityUnavailable')
  })

  test('a key for the role of the operator’s ServiceAccount comes through the operator’s network', async t => {
    const aws = await startFakeAws(({ action }) => stsCredentials(action, 'ASIAIRSA', served('').expiresAt))
    t.after(() => aws.close())
    const dir = await mkdtemp(join(tmpdir(), 'irsa-'))
    t.after(() => rm(dir, { recursive: true }))
    const token = join(dir, 'token')
    become({ AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: 'arn:1', AWS_ENDPOINT_URL_STS: aws.url })
    for (const content of ['first', 'second']) {
      await writeFile(token, content)
      assert.equal(await obtain(), 'ASIAIRSA until 2030-01-01T01:00:00.000Z')
      assert.equal(aws.calls.at(-1)?.parameters['WebIdentityToken'], content)
    }
    assert.deepEqual(connected, ['127.0.0.1'])
  })

  test('a key from the operator’s environment has no end', async () => {
    become({ AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'hush' })
    assert.equal(await obtain(), 'AKIAENV until undefined')
  })

  test('the operator has no key of its own where there is no source', async () => {
    become({ AWS_EC2_METADATA_DISABLED: 'true' })
    assert.equal(await obtain(), 'stalled NoImplicitIdentity')
  })

  test('a caller that gives up on the operator’s own key is told why', async () => {
    become({ AWS_EC2_METADATA_DISABLED: 'true' })
    await assert.rejects(implicitKey(options, AbortSignal.abort(new Error('stopped'))), /stopped/)
  })
})

describe('why there is none', () => {
  const refused = (status: number, code: string) =>
    Object.assign(new Error('m'), { name: code, $metadata: { httpStatusCode: status } })
  const WEB = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn' }
  const cases: [name: string, error: Error, environment: Record<string, string>, expected: string, message: RegExp][] =
    [
      [
        'nothing to take it from',
        new Error('Could not load credentials from any providers'),
        {},
        'stalled NoImplicitIdentity',
        /^spec\.aws\.auth\.implicit: the operator has no AWS identity: give its ServiceAccount a role/,
      ],
      [
        'a role that does not trust the operator',
        refused(403, 'AccessDenied'),
        WEB,
        'stalled NoImplicitIdentity',
        /the role of AWS_ROLE_ARN gives the operator no credentials \(AccessDenied\): correct the role's trust policy/,
      ],
      [
        'an STS that is down',
        refused(503, 'x'),
        WEB,
        'transient ImplicitIdentityUnavailable',
        /the role of AWS_ROLE_ARN/,
      ],
      ['an STS that is busy', refused(429, 'x'), WEB, 'transient ImplicitIdentityUnavailable', /AWS_ROLE_ARN/],
      [
        'an agent without an answer',
        new Error('TimeoutError: http://169.254.170.23/v1/credentials'),
        { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' },
        'transient ImplicitIdentityUnavailable',
        /the endpoint of AWS_CONTAINER_CREDENTIALS_FULL_URI gives none: check/,
      ],
    ]
  for (const [name, error, environment, expected, message] of cases) {
    test(`a missing key of the operator’s own is explained: ${name}`, () => {
      const failure = implicitFailure(error, environment)
      assert.equal(`${failure.intent} ${failure.reason}`, expected)
      assert.match(failure.message, message)
      assert.doesNotMatch(failure.message, /169\.254/)
    })
  }
})
