/** Identities for unit tests of the Azure provider, and calls that answer as a test says. */
import assert from 'node:assert/strict'
import { type Failure, isFailure } from '../../src/api/failures.ts'
import type {
  AccountKeyAuth,
  AzureAuth,
  SasAuth,
  ServicePrincipalAuth,
  WorkloadIdentityAuth,
} from '../../src/providers/azure/auth.ts'
import type { BlobCalls } from '../../src/providers/azure/calls.ts'
import type { Asked } from '../../src/providers/azure/failures.ts'
import type { AzureIdentity } from '../../src/providers/azure/identity.ts'
import type { Answer } from '../../src/providers/network/answer.ts'

export const none = new AbortController().signal
export const NOW = new Date('2030-01-01T12:00:00Z')
export const now = () => NOW

export const ACCOUNT_KEY = Buffer.from('hush'.repeat(16)).toString('base64')

export const workload: WorkloadIdentityAuth = {
  kind: 'workloadIdentity',
  clientId: 'client-1',
  tenantId: 'tenant-1',
  audience: 'api://AzureADTokenExchange',
  subject: 'system:serviceaccount:ml:reader',
  token: async () => 'assertion',
  refused: () => undefined,
}
export const principal: ServicePrincipalAuth = {
  kind: 'servicePrincipal',
  clientId: 'client-1',
  tenantId: 'tenant-1',
  secret: 'ml/client',
  clientSecret: () => 'hush',
}
export const account: AccountKeyAuth = { kind: 'accountKey', secret: 'ml/account', field: 'f', key: () => ACCOUNT_KEY }
export const sas: SasAuth = { kind: 'sasToken', secret: 'ml/sas', field: 'f', token: () => 'sig=hush' }

export const azureIdentity = (auth: AzureAuth, change: Partial<AzureIdentity> = {}): AzureIdentity => ({
  ...{ provider: 'azure', fingerprint: 'f', connector: 'ml/azure', sessionDurationMs: 3_600_000, cautions: [] },
  accountName: 'acme',
  blob: {
    url: 'https://acme.blob.core.windows.net',
    host: 'acme.blob.core.windows.net',
    field: 'spec.azure.endpoint',
  },
  authority: {
    url: 'https://login.microsoftonline.com',
    host: 'login.microsoftonline.com',
    field: 'spec.azure.authorityHost',
  },
  auth,
  ...change,
})

export const asked = (auth: AzureAuth, change: Partial<Asked> = {}): Asked => ({
  identity: azureIdentity(auth),
  who: 'client client-1 of tenant tenant-1',
  ...change,
})

type Answers = { [Name in keyof BlobCalls]?: Answer | ((...args: Parameters<BlobCalls[Name]>) => Answer) }

/** Calls with these answers, which remember their names. A call without an answer fails the test. */
export function fakeCalls(answers: Answers): BlobCalls & { made: string[] } {
  const made: string[] = []
  return new Proxy({ made } as unknown as BlobCalls & { made: string[] }, {
    get(target, name: keyof Answers | 'made') {
      if (name === 'made') return target.made
      return async (...args: never[]) => {
        made.push(name)
        const answer = answers[name]
        assert.ok(answer, `unexpected call of ${name}`)
        return typeof answer === 'function' ? (answer as (...args: never[]) => Answer)(...args) : answer
      }
    },
  })
}

export const OK: Answer = { status: 200 }
export const DENIED: Answer = { status: 403, code: 'AuthorizationPermissionMismatch' }
export const NO_BLOB: Answer = { status: 404, code: 'BlobNotFound' }
export const NO_CONTAINER: Answer = { status: 404, code: 'ContainerNotFound' }
export const CONDITION: Answer = { status: 412, code: 'ConditionNotMet' }
export const BUSY: Answer = { status: 503, code: 'ServerBusy' }

/** `stalled Reason` for a failure, `ok` for anything else. */
export const resultOf = (result: unknown): string => (isFailure(result) ? `${result.intent} ${result.reason}` : 'ok')

export function succeeded<T>(result: T | Failure): T {
  assert.ok(!isFailure(result), JSON.stringify(result))
  return result
}
