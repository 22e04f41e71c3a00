import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { UserDelegationKey } from '@azure/storage-blob'
import {
  ACCOUNT_KEY,
  account,
  asked,
  azureIdentity,
  BUSY,
  DENIED,
  fakeCalls,
  NO_BLOB,
  NO_CONTAINER,
  NOW,
  none,
  now,
  resultOf,
  sas,
  succeeded,
  workload,
} from '../../../test/support/azure.ts'
import type { Answer } from '../network/answer.ts'
import type { Access, GrantRequest } from '../provider.ts'
import { AccountMemory } from './account-memory.ts'
import type { AzureAuth } from './auth.ts'
import { grant } from './grant.ts'
import { READ_TAGS } from './permissions.ts'
import type { SasToken } from './sas-token.ts'

const HOUR = 3_600_000
const request: GrantRequest = {
  location: { bucket: 'data', prefix: '', uri: 'az://data' },
  encryption: { type: 'None' },
  access: 'ReadWrite',
  durationMs: HOUR,
  sessionName: 'ml.prod.step',
}
const narrow: GrantRequest = {
  ...request,
  location: { bucket: 'data', prefix: 'team/run/', uri: 'az://data/team/run' },
}
const FORGED: Answer = { status: 403, code: 'AuthenticationFailed' }

const delegationKey = (startsOn: Date, expiresOn: Date): Answer<UserDelegationKey> => ({
  status: 200,
  value: {
    ...{ signedObjectId: 'o', signedTenantId: 't', signedService: 'b', signedVersion: '2026-04-06' },
    ...{ signedStartsOn: startsOn, signedExpiresOn: expiresOn, value: ACCOUNT_KEY },
  },
})

/** `below` and `beside`: the answers to a SAS token to a directory, below that and beside it. */
function setup(auth: AzureAuth, below: Answer = NO_BLOB, beside: Answer = FORGED, token?: Partial<SasToken>) {
  const calls = fakeCalls({
    delegationKey,
    headBlobWith: (_sas, { blob }) => (blob.endsWith('/absent') ? below : beside),
  })
  const given: SasToken | undefined = token && { text: 'sig=hush', scope: 'container', addressBound: false, ...token }
  const identity = azureIdentity(auth, given ? { sas: () => given } : {})
  return { calls, context: { ...asked(auth), identity, calls, memory: new AccountMemory(calls, now), now } }
}

const parameters = (sasToken: string) => Object.fromEntries(new URLSearchParams(sasToken))

describe('a grant', () => {
  const access: [access: Access, sp: string][] = [
    ['ReadWrite', 'racwdl'],
    ['ReadOnly', 'rl'],
    ['WriteOnly', 'acw'],
  ]
  for (const auth of [account, workload]) {
    for (const [wanted, sp] of access) {
      test(`for ${wanted} by ${auth.kind} has the letters ${sp}`, async () => {
        const { context } = setup(auth)
        const made = succeeded(await grant({ ...request, access: wanted }, context, none))
        const { sr, spr, st, se, ...rest } = parameters(made.material.sasToken)
        assert.equal(rest['sp'], sp)
        assert.deepEqual([sr, spr], ['c', 'https'])
        // The start is in the past, for services whose clocks are behind.
        assert.deepEqual([st, se], ['2030-01-01T11:45:00Z', '2030-01-01T13:00:00Z'])
        assert.deepEqual([made.issuedAt, made.expiresAt], [NOW, new Date('2030-01-01T13:00:00Z')])
        assert.equal(made.cautions, undefined)
      })
    }
  }

  for (const [wanted, sp] of [
    ['ReadWrite', 'racwdlt'],
    // One letter allows both to read and to write tags.
    ['ReadOnly', 'rl'],
    ['WriteOnly', 'acw'],
  ] as const) {
    test(`for ${wanted} has the letters ${sp} where tags are required`, async () => {
      const { context } = setup(workload)
      const made = succeeded(await grant({ ...request, access: wanted, required: [READ_TAGS] }, context, none))
      assert.equal(parameters(made.material.sasToken)['sp'], sp)
    })
  }

  test('is signed by one delegation key for all, until that ends too soon', async () => {
    const { calls, context } = setup(workload)
    let time = NOW
    const memory = new AccountMemory(calls, () => time)
    const at = (ms: number, durationMs: number) => {
      time = new Date(NOW.getTime() + ms)
      return grant({ ...request, durationMs }, { ...context, memory, now: () => time }, none)
    }
    await Promise.all([at(0, HOUR), at(0, 12 * HOUR)])
    await at(11 * HOUR, 12 * HOUR)
    assert.deepEqual(calls.made, ['delegationKey'])
    const made = succeeded(await at(13 * HOUR, 12 * HOUR))
    assert.deepEqual(calls.made, ['delegationKey', 'delegationKey'])
    const { se = '', ske = '' } = parameters(made.material.sasToken)
    assert.ok(se <= ske)
  })

  test('asks for a delegation key again after a refusal', async () => {
    const { context } = setup(workload)
    let answer: Answer = DENIED
    const calls = fakeCalls({ delegationKey: (from, to) => (answer === DENIED ? DENIED : delegationKey(from, to)) })
    const memory = new AccountMemory(calls, now)
    const failure = await grant(request, { ...context, memory }, none)
    assert.equal(resultOf(failure), 'stalled PermissionDenied')
    assert.match(
      JSON.stringify(failure),
      /assign it the role \\"Storage Blob Delegator\\" on storage account \\"acme\\"/,
    )
    answer = { status: 200 }
    succeeded(await grant(request, { ...context, memory }, none))
  })

  test('keeps a delegation key that ends sooner when it gets no better one', async () => {
    const { context } = setup(workload)
    let asked = 0
    const calls = fakeCalls({ delegationKey: (from, to) => (asked++ === 0 ? delegationKey(from, to) : BUSY) })
    const grantFor = (durationMs: number) => grant({ ...request, durationMs }, { ...context, memory }, none)
    const memory = new AccountMemory(calls, now)
    assert.deepEqual(
      [resultOf(await grantFor(HOUR)), resultOf(await grantFor(48 * HOUR)), resultOf(await grantFor(HOUR))],
      ['ok', 'transient Throttled', 'ok'],
    )
  })

  test('does not begin before the delegation key that signs it', async () => {
    const { context, calls } = setup(workload)
    const later = new Date(NOW.getTime() + 2_000)
    const memory = new AccountMemory(calls, () => later)
    const { st, skt } = parameters(succeeded(await grant(request, { ...context, memory }, none)).material.sasToken)
    assert.deepEqual([st, skt], ['2030-01-01T11:45:02Z', '2030-01-01T11:45:02Z'])
  })

  test('is not made while the service gives no delegation key', async () => {
    const { context } = setup(workload)
    const memory = new AccountMemory(fakeCalls({ delegationKey: BUSY }), now)
    assert.equal(resultOf(await grant(request, { ...context, memory }, none)), 'transient Throttled')
  })
})

describe('a grant for a path', () => {
  const cases: [name: string, below: Answer, beside: Answer, directory: boolean][] = [
    ['reaches only that where the account enforces it', NO_BLOB, FORGED, true],
    ['reaches only that where all beside it is denied', NO_BLOB, DENIED, true],
    ['reaches only that also when the signer may not read', DENIED, FORGED, true],
    [
      'reaches the container where directories are unknown',
      { status: 403, code: 'AuthorizationFailure' },
      FORGED,
      false,
    ],
    [
      'reaches the container where a parameter is refused',
      { status: 400, code: 'InvalidQueryParameterValue' },
      FORGED,
      false,
    ],
    ['reaches the container where all beside it is found', NO_BLOB, NO_BLOB, false],
    ['reaches the container where all is denied alike', DENIED, DENIED, false],
  ]
  for (const [name, below, beside, directory] of cases) {
    for (const auth of [account, workload]) {
      test(`${name}, by ${auth.kind}`, async () => {
        const { context } = setup(auth, below, beside)
        const { material, cautions } = succeeded(await grant(narrow, context, none))
        const { sr, sdd } = parameters(material.sasToken)
        assert.deepEqual([sr, sdd], directory ? ['d', '2'] : ['c', undefined])
        assert.equal(cautions?.length, directory ? undefined : 1)
        assert.deepEqual([material.container, material.prefix], ['data', 'team/run/'])
      })
    }
  }

  const NARROW: Answer[] = [NO_BLOB, FORGED]
  const FLAT: Answer[] = [{ status: 403, code: 'AuthorizationFailure' }, FORGED]
  const loans: [name: string, answers: Answer[], lent: { wholeContainer: boolean } | undefined, verdict: string][] = [
    ['in an account with directories is lent', NARROW, { wholeContainer: false }, 'ok'],
    ['in a flat account is not lent', FLAT, { wholeContainer: false }, 'stalled NotLent'],
    ['in a flat account is lent with the whole container', FLAT, { wholeContainer: true }, 'ok'],
    ['in a flat account needs no loan beside its connector', FLAT, undefined, 'ok'],
  ]
  for (const [name, answers, lent, expected] of loans) {
    test(name, async () => {
      const { context } = setup(account, answers[0], answers[1])
      const granted = await grant({ ...narrow, lent }, context, none)
      assert.equal(resultOf(granted), expected)
      if (expected !== 'ok')
        assert.match(JSON.stringify(granted), /have its owner set spec\.lend\.wholeContainer: true/)
    })
  }

  test('is tried once for a session', async () => {
    const { calls, context } = setup(account)
    for (let n = 0; n < 3; n++) succeeded(await grant(narrow, context, none))
    assert.deepEqual(calls.made, ['headBlobWith', 'headBlobWith'])
  })

  for (const [trouble, expected] of [
    [BUSY, 'transient Throttled'],
    [NO_CONTAINER, 'stalled ContainerNotFound'],
  ] as const) {
    test(`is not made while ${trouble.code}`, async () => {
      const { calls, context } = setup(account, trouble)
      assert.equal(resultOf(await grant(narrow, context, none)), expected)
      await grant(narrow, context, none)
      assert.equal(calls.made.length, 4, 'nothing was learned')
    })
  }
})

describe('a SAS token that was given', () => {
  const expiresAt = new Date('2030-06-01')
  test('is handed on with its own end', async () => {
    const { context, calls } = setup(sas, undefined, undefined, { permissions: 'racwdl', expiresAt })
    const made = succeeded(await grant(narrow, context, none))
    assert.deepEqual([made.material.sasToken, made.expiresAt], ['sig=hush', expiresAt])
    assert.deepEqual(calls.made, [])
  })

  const cases: [permissions: string | undefined, access: Access, expected: string][] = [
    ['rl', 'ReadOnly', 'ok'],
    ['rl', 'ReadWrite', 'stalled SasInsufficient'],
    ['r', 'ReadOnly', 'stalled SasInsufficient'],
    ['acw', 'WriteOnly', 'ok'],
    ['c', 'WriteOnly', 'stalled SasInsufficient'],
    [undefined, 'ReadWrite', 'ok'],
  ]
  for (const [permissions, access, expected] of cases) {
    test(`with ${permissions ?? 'a stored policy'} for ${access} is ${expected}`, async () => {
      const { context } = setup(sas, undefined, undefined, permissions === undefined ? {} : { permissions })
      assert.equal(resultOf(await grant({ ...request, access }, context, none)), expected)
    })
  }
})

describe('the workload identity itself', () => {
  const ends = new Date('2030-01-01T12:20:00Z')
  const token = `x.${Buffer.from(JSON.stringify({ exp: ends.getTime() / 1000 })).toString('base64url')}.x`
  const federated = { ...workload, token: async () => token }

  test('is in a grant that asks for it, and both end when the first does', async () => {
    const { context } = setup(federated)
    const { material, expiresAt } = succeeded(await grant({ ...request, webIdentity: true }, context, none))
    assert.deepEqual(material.workloadIdentity, {
      clientId: 'client-1',
      tenantId: 'tenant-1',
      authorityHost: 'https://login.microsoftonline.com',
      token,
    })
    assert.deepEqual(expiresAt, ends)
    const shorter = succeeded(await grant({ ...request, durationMs: HOUR / 4, webIdentity: true }, context, none))
    assert.deepEqual(shorter.expiresAt, new Date('2030-01-01T12:15:00Z'))
  })

  for (const [name, auth, change] of [
    ['it is not asked for', federated, {}],
    ['the identity is of another kind', account, { webIdentity: true }],
  ] as const) {
    test(`is in no grant where ${name}`, async () => {
      const { context } = setup(auth)
      const made = succeeded(await grant({ ...request, ...change }, context, none))
      assert.equal(made.material.workloadIdentity, undefined)
    })
  }
})
