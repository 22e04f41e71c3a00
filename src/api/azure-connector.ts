/** `spec.azure` of a ServiceConnector. */
import * as z from 'zod'
import { caBundleSchema, dataKey, NEW_CONNECTOR, objectName, text } from './fields.ts'
import { exactlyOne, fixedChoice, immutable, pattern, withRules } from './rules.ts'

export const DEFAULT_AZURE_AUDIENCE = 'api://AzureADTokenExchange'

/** The names that ZenML gives to these keys. */
export const DEFAULT_AZURE_KEYS = {
  accountNameKey: 'account_name',
  accountKeyKey: 'account_key',
  sasTokenKey: 'sas_token',
  connectionStringKey: 'connection_string',
  clientIdKey: 'client_id',
  clientSecretKey: 'client_secret',
  tenantIdKey: 'tenant_id',
} as const

/** A guid in either case; a tenant may also be named by its domain. */
const directoryId = (field: string) =>
  text(
    253,
    pattern(
      /^[A-Za-z0-9][A-Za-z0-9.-]*$/,
      `${field} must be an id such as 00000000-0000-0000-0000-000000000000: copy it from the Azure portal`,
    ),
  )

const secretKey = (member: keyof typeof DEFAULT_AZURE_KEYS, what: string) =>
  dataKey(member).describe(`Key of the ${what} (default ${DEFAULT_AZURE_KEYS[member]}).`).exactOptional()

const secretName = objectName('secretName').describe(
  "Secret in the connector's namespace, labelled artifactstore.dev/credentials=true.",
)

const accountNameKey = secretKey('accountNameKey', 'storage account, read when `accountName` is absent')

const workloadIdentitySchema = withRules(
  z.object({
    serviceAccountName: objectName('serviceAccountName').describe(
      "ServiceAccount in the connector's namespace; the operator asks for its tokens. Immutable.",
    ),
    clientId: directoryId('clientId')
      .describe(
        'Client to be. Default: the azure.workload.identity/client-id annotation of the ServiceAccount. Immutable.',
      )
      .exactOptional(),
    tenantId: directoryId('tenantId')
      .describe(
        'Tenant of the client. Default: the azure.workload.identity/tenant-id annotation of the ServiceAccount. Immutable.',
      )
      .exactOptional(),
    audience: text(512)
      .describe(`Audience of the token (default ${DEFAULT_AZURE_AUDIENCE}); the API server's own are refused.`)
      .exactOptional(),
  }),
  immutable(['serviceAccountName', 'clientId', 'tenantId'], NEW_CONNECTOR),
)

const managedIdentitySchema = withRules(
  z.object({
    clientId: directoryId('clientId').describe('Client id of a user-assigned identity. Immutable.').exactOptional(),
    resourceId: text(
      1024,
      pattern(
        /^\/subscriptions\/[A-Za-z0-9._()/-]+$/,
        'resourceId must be the id of an identity: write /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<name>',
      ),
    )
      .describe('Resource id of a user-assigned identity. Immutable.')
      .exactOptional(),
  }),
  [
    {
      cel: '!has(self.clientId) || !has(self.resourceId)',
      isSatisfied: ({ clientId, resourceId }) => clientId === undefined || resourceId === undefined,
      message: 'managedIdentity takes clientId or resourceId: remove one of them',
    },
    ...immutable(['clientId', 'resourceId'], NEW_CONNECTOR),
  ],
)

const AUTH = ['workloadIdentity', 'managedIdentity', 'servicePrincipal', 'accountKey', 'sasToken', 'connectionString']

const authSchema = withRules(
  z.object({
    workloadIdentity: workloadIdentitySchema
      .describe('Tokens of a ServiceAccount, exchanged for Entra tokens: no long-lived secret.')
      .exactOptional(),
    managedIdentity: managedIdentitySchema
      .describe(
        "The operator's own Azure identity: that of its Pod where AKS gives it a workload identity, else one of its " +
          'node; refused unless it runs with --allow-implicit-auth.',
      )
      .exactOptional(),
    servicePrincipal: z
      .object({
        secretName,
        clientIdKey: secretKey('clientIdKey', 'client id'),
        clientSecretKey: secretKey('clientSecretKey', 'client secret'),
        tenantIdKey: secretKey('tenantIdKey', 'tenant id'),
        accountNameKey,
      })
      .describe('Client secret from a Secret.')
      .exactOptional(),
    accountKey: z
      .object({ secretName, accountKeyKey: secretKey('accountKeyKey', 'account key'), accountNameKey })
      .describe('Key of the storage account from a Secret.')
      .exactOptional(),
    sasToken: z
      .object({ secretName, sasTokenKey: secretKey('sasTokenKey', 'SAS token'), accountNameKey })
      .describe('SAS token from a Secret.')
      .exactOptional(),
    connectionString: z
      .object({ secretName, connectionStringKey: secretKey('connectionStringKey', 'connection string') })
      .describe('Connection string from a Secret.')
      .exactOptional(),
  }),
  [exactlyOne('auth', AUTH), fixedChoice(AUTH, `auth can't change its method: ${NEW_CONNECTOR}`)],
)

export const azureSchema = withRules(
  z.object({
    accountName: text(
      24,
      pattern(
        /^[a-z0-9]{3,24}$/,
        'accountName must be the name of a storage account: 3 to 24 lower-case letters and digits',
      ),
    )
      .describe('Storage account. May be absent when the Secret of `auth` names it. Immutable.')
      .exactOptional(),
    endpoint: text(
      512,
      pattern(
        /^https?:\/\/([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?(\/[a-z0-9]{3,24})?$/,
        'endpoint must be an http(s) URL of a blob service: write https://account.blob.core.windows.net or https://azurite:10000/account, without user, query or final slash',
      ),
    )
      .describe('URL of the blob service. Default: that of the account, in the cloud that `authorityHost` is of.')
      .exactOptional(),
    authorityHost: text(
      512,
      pattern(
        /^https:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/,
        'authorityHost must be an https URL of a host only: write for example https://login.microsoftonline.us, without path or final slash',
      ),
    )
      .describe('URL of Entra. Default: that of the public cloud.')
      .exactOptional(),
    caBundle: caBundleSchema
      .describe('PEM roots to trust for `endpoint` and `authorityHost`, beside the well-known ones.')
      .exactOptional(),
    auth: authSchema.describe('Exactly one way to authenticate. The method is immutable.'),
  }),
  [
    {
      cel: 'has(self.accountName) || !(has(self.auth.workloadIdentity) || has(self.auth.managedIdentity))',
      isSatisfied: ({ accountName, auth }) =>
        accountName !== undefined || !(auth.workloadIdentity ?? auth.managedIdentity),
      message: 'accountName is needed by workloadIdentity and managedIdentity: add the name of the storage account',
    },
    ...immutable(['accountName'], NEW_CONNECTOR),
  ],
)

export type AzureSpec = z.infer<typeof azureSchema>
