/** The sibling of rejections.test.ts: a container's refusal ends no session that the account still takes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../src/api/failures.ts'
import type { Client } from '../../src/providers/azure/clients.ts'
import { AzureSession } from '../../src/providers/azure/session.ts'
import type { Answer } from '../../src/providers/network/answer.ts'
import type { Session } from '../../src/providers/provider.ts'
import { isRejection } from '../../src/providers/rejection.ts'
import { account, azureIdentity, fakeCalls, none, now, OK, workload } from '../support/azure.ts'

const location = { bucket: 'data', prefix: 'p/', uri: 'az://data/p' }
const encryption = { type: 'None' as const }
const REFUSALS: Answer[] = [
  { status: 401, code: 'InvalidAuthenticationInfo' },
  { status: 403, code: 'AuthenticationFailed' },
  { status: 403, code: 'AuthorizationFailure', message: 'Server failed to authenticate the request.' },
]

const CALLS: Record<string, (session: Session) => Promise<unknown>> = {
  probe: session => session.probe({ location, encryption, writeProbe: 'None', probeId: 'p', required: [] }, none),
  prepare: session => session.prepare({ location, create: true, ruleId: 'r' }, none),
  measure: session => session.measure({ location, source: 'List' }, none),
}

describe('the session of an Azure connector', () => {
  for (const auth of [account, workload]) {
    for (const refusal of REFUSALS) {
      for (const [name, call] of Object.entries(CALLS)) {
        const open = (accountInfo: Answer) => {
          const others = { listBlobs: refusal, blobPage: refusal, headBlob: refusal, deleteBlob: refusal }
          const calls = fakeCalls({ ...others, delegationKey: OK, accountInfo } as never)
          const client = { calls, release() {} } as unknown as Client
          const identity = azureIdentity(auth)
          return new AzureSession({ identity, caller: {}, principal: 'p', expiresAt: undefined, client, now })
        }
        test(`by ${auth.kind} survives ${refusal.code} to ${name} of one container`, async () => {
          for (const good of [OK, { status: 403, code: 'AuthorizationPermissionMismatch' }]) {
            const failure = await call(open(good))
            assert.ok(isFailure(failure))
            assert.deepEqual([failure.reason, isRejection(failure)], ['RequestRefused', false])
          }
        })
        test(`by ${auth.kind} ends when the account, too, answers ${refusal.code} to ${name}`, async () => {
          const failure = await call(open(refusal))
          assert.ok(isFailure(failure) && isRejection(failure), JSON.stringify(failure))
        })
      }
    }
  }
})
