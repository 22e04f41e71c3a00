import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { isFailure } from '../../../src/api/failures.ts'
import type { Access, ProbeRequest, Session } from '../../../src/providers/provider.ts'
import type { RoleAssignment } from '../../cluster/blob-roles.ts'
import {
  type AzureSpec,
  accountKey,
  consumer,
  grantRequest,
  type Lab,
  none,
  probed,
  probeRequest,
  results,
  sasToken,
  startLab,
} from './lab.ts'

const KEY_ALLOWED = {
  'blobs/read/Blob.List': 'Allowed',
  'blobs/read': 'Allowed',
  'blobs/write': 'Allowed',
  'blobs/delete': 'Allowed',
}
const ALL_ALLOWED = { ...KEY_ALLOWED, 'generateUserDelegationKey/action': 'Allowed' }
const HOUR = 60 * 60_000

describe('Azure provider at Azurite', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let lab: Lab

  before(async () => {
    lab = await startLab()
    for (const name of ['data', 'other']) await lab.azurite.admin.createContainer(name)
  })
  after(() => lab?.stop())

  const traces = async (container: string) => [
    ...(await lab.azurite.admin.listBlobs(container)),
    ...(await lab.azurite.admin.listUncommitted(container)),
  ]
  const ownSas = (sp: string, ms = HOUR) =>
    generateBlobSASQueryParameters(
      {
        containerName: 'data',
        permissions: ContainerSASPermissions.parse(sp),
        expiresOn: new Date(Date.now() + ms),
      },
      new StorageSharedKeyCredential(lab.azurite.accountName, lab.azurite.accountKey),
    ).toString()

  describe('permissions are seen as they are', () => {
    const denied = (...actions: string[]) => Object.fromEntries(actions.map(action => [action, 'Denied']))
    const everything = Object.keys(ALL_ALLOWED)
    type Roles = Omit<RoleAssignment, 'objectId'>[]
    const cases: [name: string, roles: Roles, denied: string[]][] = [
      ['a contributor', [{ role: 'Storage Blob Data Contributor' }], []],
      ['a reader', [{ role: 'Storage Blob Data Reader' }], ['blobs/write', 'blobs/delete']],
      [
        'a contributor of the container',
        [{ role: 'Storage Blob Data Contributor', container: 'data' }],
        ['generateUserDelegationKey/action'],
      ],
      [
        'a contributor of the container who may delegate',
        [{ role: 'Storage Blob Data Contributor', container: 'data' }, { role: 'Storage Blob Delegator' }],
        [],
      ],
      ['a contributor of another one', [{ role: 'Storage Blob Data Contributor', container: 'other' }], everything],
      ['nobody', [], everything],
    ]
    for (const [name, roles, expected] of cases) {
      test(`a probe sees the permissions of ${name}`, async () => {
        lab.setRoles(...roles)
        const session = await lab.session()
        for (const writeProbe of ['Multipart', 'Object'] as const) {
          const { permissions } = await probed(session, probeRequest('data', { writeProbe }))
          assert.deepEqual(results(permissions), { ...ALL_ALLOWED, ...denied(...expected) })
          assert.deepEqual(await traces('data'), [])
        }
        session.close()
      })
    }

    test('of an account key', async () => {
      const session = await lab.session({ auth: accountKey })
      const { permissions } = await probed(session, probeRequest('data'))
      assert.deepEqual(results(permissions), KEY_ALLOWED)
      assert.equal(session.principal, 'the account key in Secret "default/account"')
      assert.equal(session.expiresAt, undefined)
    })

    for (const sp of ['racwdl', 'rl', 'acw', 'rwd']) {
      test(`of a SAS token with sp=${sp}`, async () => {
        const session = await lab.session({ auth: sasToken }, { sas_token: `?${ownSas(sp)}` })
        const { permissions } = await probed(session, probeRequest('data'))
        const allowed = (letter: string) => (sp.includes(letter) ? 'Allowed' : 'Denied')
        assert.deepEqual(results(permissions), {
          'blobs/read/Blob.List': allowed('l'),
          'blobs/read': allowed('r'),
          'blobs/write': allowed('w'),
          'blobs/delete': allowed('d'),
        })
        assert.deepEqual(await traces('data'), [])
        assert.ok(session.expiresAt)
      })
    }

    test('of a SAS token for the account', async () => {
      const token = generateAccountSASQueryParameters(
        {
          permissions: AccountSASPermissions.parse('rwdl'),
          services: AccountSASServices.parse('b').toString(),
          resourceTypes: AccountSASResourceTypes.parse('co').toString(),
          expiresOn: new Date(Date.now() + HOUR),
        },
        new StorageSharedKeyCredential(lab.azurite.accountName, lab.azurite.accountKey),
      ).toString()
      const session = await lab.session({ auth: sasToken }, { sas_token: token })
      assert.deepEqual(results((await probed(session, probeRequest('data'))).permissions), KEY_ALLOWED)
    })
  })

  describe('a probe leaves nothing behind', () => {
    before(() => lab.setRoles({ role: 'Storage Blob Data Contributor' }))

    test('and removes what an earlier one left in a crash, and nothing else', async () => {
      const blob = 'team/.artifactstore-probe-uid-1'
      for (const name of [blob, `${blob}0`]) await lab.azurite.admin.putBlob('data', name, 'x')
      await probed(await lab.session(), probeRequest('data'))
      assert.deepEqual(await traces('data'), [`${blob}0`])
      await lab.azurite.admin.removeBlob('data', `${blob}0`)
    })

    const modes: [operation: string, writeProbe: ProbeRequest['writeProbe']][] = [
      ['ListBlobs', 'Multipart'],
      ['PutBlob', 'Multipart'],
      ['PutBlob', 'Object'],
    ]
    for (const [operation, writeProbe] of modes) {
      test(`when the caller gives up after ${operation} of a write probe by ${writeProbe}`, async () => {
        const session = await lab.session()
        const controller = new AbortController()
        lab.onCall = call => call.operation === operation && controller.abort(new Error('worker stopped'))
        await assert.rejects(session.probe(probeRequest('data', { writeProbe }), controller.signal), /worker stopped/)
        lab.onCall = () => undefined
        assert.deepEqual(await traces('data'), [])
      })
    }
  })

  describe('granted credentials reach as far as they should', () => {
    const IN = 'team/x'
    const expected: Record<Access, object> = {
      ReadWrite: { put: 200, get: 200, list: 200, missing: 404, remove: 404 },
      ReadOnly: { put: 403, get: 200, list: 200, missing: 404, remove: 403 },
      WriteOnly: { put: 200, get: 403, list: 403, missing: 403, remove: 403 },
    }
    const identities: [name: string, azure: Partial<AzureSpec>][] = [
      ['workload identity', {}],
      ['account key', { auth: accountKey }],
    ]
    before(async () => {
      lab.setRoles({ role: 'Storage Blob Data Contributor' })
      for (const name of ['data', 'other']) await lab.azurite.admin.putBlob(name, IN, 'x')
    })

    for (const [name, azure] of identities) {
      for (const access of ['ReadOnly', 'WriteOnly', 'ReadWrite'] as const) {
        test(`${access} by ${name}`, async () => {
          const session = await lab.session(azure)
          const grant = await session.grant(grantRequest('data', { access }), none)
          assert.ok(!isFailure(grant) && grant.material.cloud === 'azure')
          assert.ok(Math.abs((grant.expiresAt?.getTime() ?? 0) - grant.issuedAt.getTime() - 20 * 60_000) <= 1_000)
          const pod = consumer(grant.material)
          assert.deepEqual(
            {
              put: await pod.put('data', IN),
              get: await pod.get('data', IN),
              list: await pod.list('data'),
              missing: await pod.get('data', 'team/missing'),
              remove: await pod.remove('data', 'team/missing'),
            },
            expected[access],
          )
          const outside = [await pod.put('other', IN), await pod.get('other', IN), await pod.list('other')]
          assert.deepEqual([...outside, await pod.remove('other', IN)], [403, 403, 403, 403])
          assert.equal(await pod.dropContainer('data'), 403)
          pod.close()
        })
      }
    }

    test('to the whole container where the account has no directories, and people are told', async () => {
      const session = await lab.session()
      const location = { bucket: 'data', prefix: 'team/', uri: 'az://data/team' }
      const grant = await session.grant(grantRequest('data', { location }), none)
      assert.ok(!isFailure(grant) && grant.material.cloud === 'azure')
      assert.match(grant.material.sasToken, /&sr=c&/)
      assert.match(`${(grant as { cautions?: string[] }).cautions}`, /reach the whole container "data"/)
    })

    test('and no longer to what their identity has lost', async () => {
      const session = await lab.session()
      const grant = await session.grant(grantRequest('data'), none)
      assert.ok(!isFailure(grant) && grant.material.cloud === 'azure')
      const pod = consumer(grant.material)
      assert.equal(await pod.get('data', IN), 200)
      lab.setRoles({ role: 'Storage Blob Data Reader' })
      assert.deepEqual([await pod.get('data', IN), await pod.put('data', IN)], [200, 403])
      lab.setRoles({ role: 'Storage Blob Data Contributor' })
      pod.close()
    })
  })

  describe('containers', () => {
    let session: Session
    before(async () => {
      lab.setRoles({ role: 'Storage Blob Data Contributor' })
      session = await lab.session()
    })
    const request = (bucket: string) => ({ location: { bucket, prefix: '', uri: `az://${bucket}` }, ruleId: 'r' })

    test('are created once', async () => {
      const create = () => session.prepare({ ...request('made'), create: true }, none)
      assert.deepEqual(await create(), { kind: 'prepared', changes: ['created the container'] })
      assert.deepEqual(await create(), { kind: 'prepared', changes: [] })
      assert.ok((await lab.azurite.admin.listContainers()).includes('made'))
    })

    test('are listed', async () => {
      const listed = await session.resources({ patterns: ['az://*a*'], max: 10 }, none)
      assert.ok(!isFailure(listed))
      assert.deepEqual(listed.resources, [{ uri: 'az://data' }, { uri: 'az://made' }])
    })

    test('are counted, page after page', async () => {
      const names = Array.from({ length: 1_001 }, (_, n) => `many/${n}`)
      while (names.length > 0) {
        const batch = names.splice(0, 50)
        await Promise.all(batch.map(name => lab.azurite.admin.putBlob('made', name, 'xy')))
      }
      const location = { bucket: 'made', prefix: 'many/', uri: 'az://made/many' }
      const usage = await session.measure({ location, source: 'List' }, none)
      assert.deepEqual(usage, { kind: 'usage', objects: 1_001, bytes: 2_002, scope: 'Prefix' })
    })
  })

  test('a store costs 5 calls at first, 4 later, and a grant none of its own', async () => {
    lab.setRoles({ role: 'Storage Blob Data Contributor' })
    lab.calls.length = 0
    const session = await lab.session()
    assert.deepEqual(lab.calls, ['GetToken 200', 'GetAccountInfo 200'])
    const counts: number[] = []
    for (let look = 1; look <= 3; look++) {
      lab.calls.length = 0
      await probed(session, probeRequest('data'))
      counts.push(lab.calls.length)
    }
    assert.deepEqual(counts, [5, 4, 4])
    lab.calls.length = 0
    assert.ok(!isFailure(await session.grant(grantRequest('data'), none)))
    assert.deepEqual(lab.calls, [])
  })
})
