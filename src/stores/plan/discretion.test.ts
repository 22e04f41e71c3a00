import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { succeeded } from '../../../test/support/azure.ts'
import { spec as azureSpec, resolved } from '../../../test/support/azure-connector.ts'
import { isFailure, stalled } from '../../api/failures.ts'
import { failureOf } from '../../providers/azure/failures.ts'
import { identity as azureIdentityOf } from '../../providers/azure/identity.ts'
import { discretionOf } from './discretion.ts'

describe('a borrower of an Azure connector is told nothing of its owner', () => {
  const codes = [
    'AuthenticationFailed',
    'InvalidAuthenticationInfo',
    'AccountIsDisabled',
    'AuthorizationFailure',
    'ContainerNotFound',
    'ContainerDisabled',
    'ServerBusy',
    'InvalidHeaderValue',
    'InvalidResourceName',
    'ResourceNotFound',
    'Teapot',
    '',
  ]
  const ways = {
    workloadIdentity: { serviceAccountName: 'reader' },
    accountKey: { secretName: 'account' },
    sasToken: { secretName: 'sas' },
    servicePrincipal: { secretName: 'client' },
  }
  for (const [way, reference] of Object.entries(ways)) {
    test(`with ${way}, whatever the service answers`, () => {
      const identity = succeeded(azureIdentityOf(azureSpec({ [way]: reference }), resolved()))
      const who = `client client-1 of tenant tenant-1 by Secret "ml/${'secretName' in reference ? reference.secretName : ''}"`
      const discretion = discretionOf(identity, {
        principal: who,
        caller: { clientId: 'client-1', tenantId: 'tenant-1' },
      })
      for (const code of codes) {
        for (const status of [400, 401, 403, 404, 500]) {
          const failure = failureOf({ status, code, message: 'm' }, { identity, who, container: 'data' })
          if (!failure) continue
          const { message } = discretion.failure(failure)
          for (const secret of ['acme', 'client-1', 'tenant-1', 'ml/account', 'ml/sas', 'ml/client', 'reader']) {
            assert.ok(!message.includes(secret), `${code}: ${message}`)
          }
        }
      }
    })
  }
})

test('a host that is a word is not taken for the scheme of a path', () => {
  const discretion = discretionOf(
    { connector: 'a/b', confidential: () => [['s3', 'its endpoint']] },
    { principal: 'p', caller: {} },
  )
  const { message } = discretion.failure(stalled('PermissionDenied', 's3:GetObject denied on s3://s3/x at s3: ask s3.'))
  assert.equal(message, 's3:GetObject denied on s3://its endpoint/x at its endpoint: ask its endpoint.')
  assert.ok(isFailure(discretion.failure(stalled('Other', 'm'))))
})

test('a borrower is not shown what a service says, in failures and in details of permissions', () => {
  const said = ' (the service says: "the owner of minio-7 says no")'
  const discretion = discretionOf({ connector: 'a/b' }, { principal: 'p', caller: {} })
  const { message } = discretion.failure(stalled('PermissionDenied', `s3:GetObject denied${said}: allow it${said}`))
  assert.equal(message, 's3:GetObject denied: allow it')
  const permission = { action: 's3:GetObject', result: 'Denied' as const, detail: `denied${said}` }
  const probe = discretion.probe({ kind: 'probe', bucket: { name: 'b', prefix: '' }, permissions: [permission] })
  assert.equal(probe.permissions[0]?.detail, 'denied')
})
