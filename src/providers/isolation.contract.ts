/** What provider.ts promises of `tryIssued`, tried on each cloud by its contract.test.ts. */
import assert from 'node:assert/strict'
import {
  type Contract,
  failed,
  fakeBucket,
  grantRequest,
  identityOf,
  labTest,
  none,
  open,
  PREFIX,
  succeeded,
  trialRequest,
  type Way,
} from './lab.contract.ts'
import type { Access } from './provider.ts'
import { isRejection } from './rejection.ts'

const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']

export function describeIsolation(contract: Contract, way: Way): void {
  for (const access of ACCESSES) {
    labTest(
      { contract, way },
      `credentials for ${access} that open everything are told from isolated ones`,
      async lab => {
        lab.service.buckets.set('data', fakeBucket({ other: 1 }))
        lab.service.buckets.set('else', fakeBucket({ secret: 1 }))
        const session = await open(lab)
        const grant = succeeded(await session.grant(grantRequest(lab, { access }), none))
        lab.service.open = true
        const wide = succeeded(await session.tryIssued(trialRequest(lab, grant, { access }), none))
        assert.equal(wide.result, 'False')
        assert.match(
          wide.detail ?? '',
          access === 'ReadOnly' ? /write, delete, list outside/ : /outside of their prefix/,
        )
        assert.deepEqual(wide.identityReaches, { bucket: 'data', elsewhere: 'else' })
        assert.doesNotMatch(wide.detail ?? '', /data|else|team/, 'stores of others are told it')
      },
    )

    labTest({ contract, way }, `a trial of credentials for ${access} leaves no trace`, async lab => {
      const mine = { [`${PREFIX}model`]: 10, other: 10 }
      const bucket = fakeBucket(mine)
      lab.service.buckets.set('data', bucket)
      const session = await open(lab)
      for (const isOpen of [false, true]) {
        lab.service.open = isOpen
        const grant = succeeded(await session.grant(grantRequest(lab, { access }), none))
        await session.tryIssued(trialRequest(lab, grant, { access }), none)
        assert.deepEqual(Object.fromEntries(bucket.objects), mine)
        assert.deepEqual(Object.fromEntries(bucket.settings), {})
      }
    })
  }

  labTest({ contract, way }, 'credentials that the cloud holds to prefix and access are isolated', async lab => {
    lab.service.buckets.set('data', fakeBucket({ other: 1 }))
    const session = await open(lab)
    if (identityOf(lab).cautions.length > 0) return
    for (const access of ACCESSES) {
      const grant = succeeded(await session.grant(grantRequest(lab, { access }), none))
      const { result, detail } = succeeded(await session.tryIssued(trialRequest(lab, grant, { access }), none))
      assert.deepEqual([result, detail], ['True', undefined], access)
    }
  })

  labTest({ contract, way }, 'credentials that work for nothing are a Failure, and no Rejection', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const session = await open(lab)
    // A copy of a key is the key of the session, too.
    if (identityOf(lab).cautions.length > 0) return
    const grant = succeeded(await session.grant(grantRequest(lab), none))
    lab.service.useless = true
    for (const access of ACCESSES) {
      const failure = failed(await session.tryIssued(trialRequest(lab, grant, { access }), none))
      assert.equal(failure.reason, 'IssuedCredentialsRefused')
      assert.doesNotMatch(failure.message, /RequestId|Time:|\d{2}:\d{2}/)
      assert.equal(isRejection(failure), false)
    }
  })
}
