/** The lab of the Azure provider: an account with roles, an Entra that trusts a cluster, and identities. */
import http from 'node:http'
import https from 'node:https'
import { AnonymousCredential, BlobServiceClient, newPipeline } from '@azure/storage-blob'
import { type Failure, isFailure } from '../../../src/api/failures.ts'
import type { AzureMaterial } from '../../../src/api/material.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { createSend, storageHttpClient } from '../../../src/providers/azure/http.ts'
import { createAzureProvider } from '../../../src/providers/azure/provider.ts'
import type { RequestRecord } from '../../../src/providers/network/gate.ts'
import type {
  GrantRequest,
  Permission,
  Probe,
  ProbeRequest,
  Resolved,
  Session,
} from '../../../src/providers/provider.ts'
import { type AzureEnvironment, startAzureEnvironment } from '../../cluster/azure-environment.ts'
import type { RoleAssignment } from '../../cluster/blob-roles.ts'
import type { EntraApp } from '../../cluster/entra.ts'

export type AzureSpec = NonNullable<ServiceConnectorSpec['azure']>

export interface Lab extends AzureEnvironment {
  readonly app: EntraApp
  /** Calls of the provider so far, as `Operation status`. */
  calls: string[]
  onCall: (record: RequestRecord) => void
  /** `values`: the values of the Secret that the connector names. */
  open(azure?: Partial<AzureSpec>, values?: Record<string, string | undefined>): Promise<Session | Failure>
  /** Opens a session, which must succeed, as a workload identity unless `azure.auth` says otherwise. */
  session(azure?: Partial<AzureSpec>, values?: Record<string, string | undefined>): Promise<Session>
  /** A token of a ServiceAccount in the namespace `default`. */
  token(serviceAccount: string, audience: string): Promise<string>
  /** Replaces the roles of the client of Entra. */
  setRoles(...roles: Omit<RoleAssignment, 'objectId'>[]): void
}

export const none = new AbortController().signal
export const AUDIENCE = 'api://AzureADTokenExchange'
export const workloadIdentity = (serviceAccountName = 'reader'): AzureSpec['auth'] => ({
  workloadIdentity: { serviceAccountName },
})
export const accountKey: AzureSpec['auth'] = { accountKey: { secretName: 'account' } }
export const sasToken: AzureSpec['auth'] = { sasToken: { secretName: 'sas' } }
export const servicePrincipal: AzureSpec['auth'] = { servicePrincipal: { secretName: 'client' } }

const app = {
  tenantId: 'aaaaaaaa-0000-0000-0000-000000000001',
  clientId: 'bbbbbbbb-0000-0000-0000-000000000001',
  objectId: 'cccccccc-0000-0000-0000-000000000001',
}

export async function startLab(): Promise<Lab> {
  const environment = await startAzureEnvironment({ controllers: false })
  const { controlPlane, entra, imds, storage, azurite, caPem } = environment
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  for (const name of ['reader', 'stranger']) await controlPlane.request('POST', accounts, { metadata: { name } })
  const token = async (name: string, audience: string): Promise<string> => {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    return (await controlPlane.request('POST', `${accounts}/${name}/token`, { spec })).json.status.token
  }
  const federated = { issuer: controlPlane.issuer, subject: 'system:serviceaccount:default:reader', audience: AUDIENCE }
  const registered = { ...app, secrets: [{ value: 'right' }], federatedCredentials: [federated] }
  entra.register(registered)
  // The library asks this address for the identity of the node.
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = imds.url
  const provider = createAzureProvider({
    now: () => new Date(),
    onRequest(record) {
      lab.calls.push(`${record.operation} ${record.result}`)
      lab.onCall(record)
    },
  })

  const loan = {
    cluster: 'cluster-uid',
    endpoints: [new URL(storage.endpoint).hostname],
    clientIds: ['default', app.clientId, 'kept', 'unknown', '/subscriptions/a/id'],
  }
  const lab: Lab = {
    ...environment,
    app: registered,
    calls: [],
    onCall: () => undefined,
    token,
    async open(azure = {}, values = {}) {
      const spec: ServiceConnectorSpec = {
        azure: {
          accountName: azurite.accountName,
          endpoint: storage.endpoint,
          authorityHost: entra.authorityHost,
          // The operator's own identity takes no CA of a connector.
          ...(azure.auth?.managedIdentity ? {} : { caBundle: { configMapKeyRef: { name: 'azure-ca' } } }),
          auth: workloadIdentity(),
          ...azure,
        },
      }
      const given: Record<string, string | undefined> = {
        ...{ client_id: app.clientId, tenant_id: app.tenantId, client_secret: 'right' },
        ...{ account_key: azurite.accountKey, 'ca.crt': caPem, ...values },
      }
      const account = provider.references(spec).serviceAccount
      const resolved: Resolved = {
        connector: { namespace: 'default', name: 'azure', uid: 'uid' },
        value: ({ key }) => given[key],
        operatorIdentity: loan,
        ...(account ? { serviceAccount: accountOf(account.name, account.audience) } : {}),
      }
      const identity = provider.identity(spec, resolved)
      return isFailure(identity) ? identity : provider.open(identity, none)
    },
    async session(azure, values) {
      const session = await lab.open(azure, values)
      if (isFailure(session)) throw new Error(`${session.reason}: ${session.message}`)
      return session
    },
    setRoles(...roles) {
      storage.unassign(app.objectId)
      for (const role of roles) storage.assign({ objectId: app.objectId, ...role })
    },
    async stop() {
      provider.close()
      await environment.stop()
    },
  }

  function accountOf(name: string, audience: string): NonNullable<Resolved['serviceAccount']> {
    return {
      name,
      annotations: {
        'azure.workload.identity/client-id': app.clientId,
        'azure.workload.identity/tenant-id': app.tenantId,
      },
      token: () => token(name, audience),
    }
  }
  return lab
}

export function probeRequest(bucket: string, change: Partial<ProbeRequest> = {}): ProbeRequest {
  const location = { bucket, prefix: 'team/', uri: `az://${bucket}/team/` }
  return { location, encryption: { type: 'None' }, writeProbe: 'Multipart', probeId: 'uid-1', required: [], ...change }
}

export async function probed(session: Session, request: ProbeRequest): Promise<Probe> {
  const result = await session.probe(request, none)
  if (isFailure(result)) throw new Error(`${result.reason}: ${result.message}`)
  return result
}

const SHORT = /^Microsoft\.Storage\/storageAccounts\/blobServices\/(containers\/)?/

/** Results by action: `{ 'blobs/read': 'Allowed', ... }`. */
export const results = (permissions: Permission[]): Record<string, string> =>
  Object.fromEntries(permissions.map(({ action, result }) => [action.replace(SHORT, ''), result]))

export const grantRequest = (bucket: string, change: Partial<GrantRequest> = {}): GrantRequest => ({
  location: { bucket, prefix: '', uri: `az://${bucket}` },
  ...{ encryption: { type: 'None' }, access: 'ReadWrite', durationMs: 20 * 60_000, sessionName: 'ml.prod.step' },
  ...change,
})

/** Calls of a consumer with granted credentials, each of which returns an HTTP status; 200 for any success. */
export function consumer({ blobEndpoint, sasToken, caPem }: AzureMaterial) {
  const httpsAgent = new https.Agent({ ca: caPem ?? '' })
  const send = createSend({ httpAgent: http.globalAgent, httpsAgent }, blobEndpoint)
  const pipeline = newPipeline(new AnonymousCredential(), {
    httpClient: storageHttpClient(send),
    retryOptions: { maxTries: 1 },
  })
  const service = new BlobServiceClient(`${blobEndpoint}?${sasToken}`, pipeline)
  const status = async (call: Promise<unknown>): Promise<number> =>
    call.then(
      () => 200,
      (error: { statusCode?: number }) => error.statusCode ?? 0,
    )
  const container = (name: string) => service.getContainerClient(name)
  const blob = (name: string, key: string) => container(name).getBlockBlobClient(key)
  return {
    put: (name: string, key: string) => status(blob(name, key).upload('x', 1)),
    get: (name: string, key: string) => status(blob(name, key).getProperties()),
    remove: (name: string, key: string) => status(blob(name, key).delete()),
    list: (name: string) => status(container(name).listBlobsFlat().byPage().next()),
    copy: (name: string, from: string, to: string) =>
      status(blob(name, to).syncCopyFromURL(`${blobEndpoint}/${name}/${from}?${sasToken}`)),
    dropContainer: (name: string) => status(container(name).delete()),
    close: () => httpsAgent.destroy(),
  }
}
