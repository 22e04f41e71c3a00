/** What trials of SAS tokens show at accounts with directories and without. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../../src/api/failures.ts'
import type { Access, Session } from '../../../src/providers/provider.ts'
import { accountKey, consumer, grantRequest, type Lab, none, probed, probeRequest, startLab } from './lab.ts'

const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']
const OUTSIDE = /outside of their prefix/

describe('trials of SAS tokens', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let lab: Lab

  before(async () => {
    lab = await startLab()
    for (const name of ['data', 'other']) await lab.azurite.admin.createContainer(name)
    lab.setRoles({ role: 'Storage Blob Data Contributor' })
  })
  after(() => lab?.stop())

  async function tried(session: Session, access: Access, { prefix = 'team/', webIdentity = false } = {}) {
    const location = { bucket: 'data', prefix, uri: `az://data/${prefix}` }
    const request = grantRequest('data', { location, access, webIdentity })
    const grant = await session.grant(request, none)
    assert.ok(!isFailure(grant) && grant.material.cloud === 'azure', JSON.stringify(grant))
    const { permissions } = await probed(session, probeRequest('data', { location }))
    const proven = permissions.flatMap(({ action, result }) => (result === 'Allowed' ? action : []))
    const found = await session.tryIssued({ ...request, grant, proven, trialId: 'uid-1', mayWrite: true }, none)
    assert.ok(!isFailure(found), JSON.stringify(found))
    const traces = [
      ...(await lab.azurite.admin.listBlobs('data')),
      ...(await lab.azurite.admin.listUncommitted('data')),
    ]
    assert.deepEqual(traces, [])
    return { ...found, sasToken: grant.material.sasToken, material: grant.material }
  }

  for (const [identity, azure] of [
    ['a workload identity', {}],
    ['an account key', { auth: accountKey }],
  ] as const) {
    for (const access of ACCESSES) {
      test(`find those of ${identity} for ${access} not isolated in a flat container`, async () => {
        const { result, detail = '', sasToken, holdsFor } = await tried(await lab.session(azure), access)
        assert.match(sasToken, /&sr=c&/)
        assert.deepEqual([result, holdsFor], ['False', access === 'WriteOnly' ? 'prefix' : 'bucket'])
        assert.match(detail, OUTSIDE)
        assert.equal(detail.includes('write outside'), access !== 'ReadOnly', detail)
        assert.doesNotMatch(detail, /list other/)
      })
    }
  }

  for (const access of ACCESSES) {
    test(`find those for ${access} of a whole container isolated`, async () => {
      const { result, detail } = await tried(await lab.session(), access, { prefix: '' })
      assert.deepEqual([result, detail], ['True', undefined])
    })

    test(`find those for ${access} not isolated that hand on an identity which opens the account`, async () => {
      const { result, detail = '' } = await tried(await lab.session(), access, { prefix: '', webIdentity: true })
      assert.equal(result, 'False')
      assert.match(detail, /list other buckets/)
    })
  }

  describe('at an account that holds them to directories', () => {
    before(() => {
      lab.storage.hierarchical = true
    })
    after(() => {
      lab.storage.hierarchical = false
    })

    for (const access of ACCESSES) {
      for (const prefix of ['team/', 'team/run/']) {
        test(`find those for ${access} of ${prefix} isolated, and they work`, async () => {
          const { result, detail, sasToken, holdsFor, material, identityReaches } = await tried(
            await lab.session({ auth: accountKey }),
            ...([access, { prefix }] as const),
          )
          assert.match(sasToken, /&sr=d&/)
          assert.deepEqual([result, detail, holdsFor], ['True', undefined, 'bucket'])
          assert.deepEqual(identityReaches, { bucket: 'data', elsewhere: 'other' })
          const pod = consumer(material)
          const inside = await pod.get('data', `${prefix}missing`)
          assert.equal(inside, access === 'WriteOnly' ? 403 : 404)
          assert.deepEqual([await pod.get('data', 'else/x'), await pod.put('data', 'else/x')], [403, 403])
          pod.close()
        })
      }
    }
  })
})
