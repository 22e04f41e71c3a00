/** ArtifactStore: a bucket, and who gets credentials for it. */
import * as z from 'zod'
import type { ArtifactStoreStatus } from './artifact-store-status.ts'
import { region } from './aws-connector.ts'
import { clientOptionsOfPath, clientOptionsSchema } from './client-options.ts'
import { credentialsOfPath, credentialsSchema } from './credentials-entry.ts'
import { allowedNamespacesSchema, duration, labelName, objectName, text } from './fields.ts'
import { CONFIRM_DELETE_ANNOTATION } from './names.ts'
import { type KubeObject, type ObjectKey, objectKey } from './object.ts'
import { immutable, pattern, withRules } from './rules.ts'
import { PATH_RULES } from './uri.ts'
import { specValidator } from './validate.ts'
import { verificationSchema } from './verification.ts'

export { type ArtifactStoreStatus, artifactStoreStatusSchema, MAX_LISTED_CREDENTIALS } from './artifact-store-status.ts'
export {
  type CredentialsEntry,
  DEFAULT_ACCESS,
  DEFAULT_MOUNT_PATH,
  ENV_SECRET_SUFFIX,
  type Format,
  secretNameOf,
} from './credentials-entry.ts'
export { DEFAULT_VERIFICATION_INTERVAL } from './verification.ts'

export const DEFAULT_USAGE_INTERVAL = '6h'

const NEW_STORE = 'create another ArtifactStore'

const connectorRefSchema = z.object({
  name: objectName('name').describe('Name of the ServiceConnector.'),
  namespace: labelName('namespace')
    .describe("Namespace of the ServiceConnector (default: the store's). Another one needs its `allowedNamespaces`.")
    .exactOptional(),
})

const bucketSchema = z.object({
  create: z.boolean().describe('Create the bucket when it is missing. It is never deleted.').exactOptional(),
  region: region('region').describe("Region to create it in. Default: the connector's.").exactOptional(),
  versioning: z
    .enum(['Enabled', 'Suspended'])
    .describe('Versioning that the bucket gets. Default: left as it is.')
    .exactOptional(),
  expirationDays: z
    .int()
    .min(1)
    .max(36_500)
    .describe(
      'Days after which objects under the prefix expire: one lifecycle rule, which goes when this is unset and with the ' +
        'store; others are left alone.',
    )
    .exactOptional(),
  expirationOfWholeBucket: z
    .boolean()
    .describe(
      'Confirms `expirationDays` for a path without prefix: all objects of the bucket expire, whoever wrote them.',
    )
    .exactOptional(),
})

const encryptionSchema = withRules(
  z.object({
    type: z.enum(['None', 'SSE-S3', 'SSE-KMS']).describe('Server-side encryption that writers ask for.'),
    kmsKeyId: text(
      2048,
      pattern(
        /^[A-Za-z0-9:/_.-]+$/,
        'kmsKeyId must be the id, alias or ARN of a KMS key: write for example arn:aws:kms:eu-west-1:123456789012:key/<id>',
      ),
    )
      .describe('KMS key; needed by SSE-KMS.')
      .exactOptional(),
  }),
  [
    {
      cel: "(self.type == 'SSE-KMS') == has(self.kmsKeyId)",
      isSatisfied: ({ type, kmsKeyId }) => (type === 'SSE-KMS') === (kmsKeyId !== undefined),
      message: 'encryption.kmsKeyId belongs to type SSE-KMS: give both, or remove kmsKeyId',
    },
  ],
)

const usageSchema = z.object({
  source: z
    .enum(['CloudWatch', 'List', 'None'])
    .describe('Where the numbers come from. CloudWatch: daily metrics. List: counts every object.'),
  interval: duration('interval', '5m', '168h')
    .describe(`How often usage is measured (default ${DEFAULT_USAGE_INTERVAL}).`)
    .exactOptional(),
})

const isS3 = (path: string) => path.startsWith('s3://')
const IS_S3 = "self.path.startsWith('s3://')"

export const artifactStoreSpecSchema = withRules(
  z.object({
    path: withRules(z.string().min(1).max(1024), [
      { cel: 'self == oldSelf', message: `path is immutable: ${NEW_STORE} for another location` },
      PATH_RULES,
    ]).describe(
      's3://bucket[/prefix], az://container[/prefix], abfs://container[/prefix] or ' +
        'abfss://container@account.dfs.core.windows.net[/prefix]. Immutable.',
    ),
    connectorRef: connectorRefSchema.describe('ServiceConnector that authenticates.'),
    displayName: z.string().min(1).max(128).describe('Label for people. Immutable.').exactOptional(),
    default: z
      .boolean()
      .describe(
        'The default store of its namespace. Only one can be: a second one is Stalled with DefaultConflict. While the ' +
          `namespace has other stores, its deletion needs the annotation ${CONFIRM_DELETE_ANNOTATION} with its name.`,
      )
      .exactOptional(),
    bucket: bucketSchema.describe('What the operator may set up. Default: nothing.').exactOptional(),
    encryption: encryptionSchema.describe('Encryption of what the probe and consumers write.').exactOptional(),
    verification: verificationSchema.describe('How access is verified.').exactOptional(),
    usage: usageSchema.describe('Measuring of objects and bytes. Default: not measured.').exactOptional(),
    clientOptions: clientOptionsSchema
      .describe(
        'What clients are told beside credentials; each format writes it in the words of its consumer. What a consumer ' +
          "can't be told is a caution in the message of CredentialsProjected.",
      )
      .exactOptional(),
    credentials: credentialsSchema
      .describe('Credentials for consumers: one entry a role, such as "step".')
      .exactOptional(),
    allowedNamespaces: allowedNamespacesSchema
      .describe(
        "Namespaces that may receive Secrets of this store. Default: only the store's own, which always may. Another must " +
          'match here and in `credentials[].namespaces`.',
      )
      .exactOptional(),
    deletionProtection: z
      .boolean()
      .describe(
        `Deletion is refused until the annotation ${CONFIRM_DELETE_ANNOTATION} holds the name of the store, or the namespace goes.`,
      )
      .exactOptional(),
    suspend: z
      .boolean()
      .describe(
        'Stop reconciling; what was projected stays, and expires. What the store may no longer have is still removed.',
      )
      .exactOptional(),
  }),
  [
    ...immutable(['displayName'], `${NEW_STORE} for another name`),
    {
      cel: `${IS_S3} || !has(self.bucket) || !(has(self.bucket.region) || has(self.bucket.versioning) || has(self.bucket.expirationDays))`,
      isSatisfied: ({ path, bucket }) =>
        isS3(path) || (bucket?.region ?? bucket?.versioning ?? bucket?.expirationDays) === undefined,
      message:
        'bucket.region, versioning and expirationDays need an s3:// path: remove them, and set them on the storage account',
    },
    {
      cel: "!has(self.bucket) || !has(self.bucket.expirationDays) || !self.path.matches('^s3://[^/]+/?$') || (has(self.bucket.expirationOfWholeBucket) && self.bucket.expirationOfWholeBucket)",
      isSatisfied: ({ path, bucket }) =>
        bucket?.expirationDays === undefined ||
        !/^s3:\/\/[^/]+\/?$/.test(path) ||
        bucket.expirationOfWholeBucket === true,
      message:
        'bucket.expirationDays would delete all objects of the bucket, as the path has no prefix: use a path with a prefix, or confirm it by bucket.expirationOfWholeBucket: true',
    },
    {
      cel: `${IS_S3} || !has(self.encryption) || self.encryption.type == 'None'`,
      isSatisfied: ({ path, encryption }) => isS3(path) || (encryption?.type ?? 'None') === 'None',
      message: 'encryption needs an s3:// path: remove it, as Azure encrypts with the key of the storage account',
    },
    {
      cel: `${IS_S3} || !has(self.usage) || self.usage.source != 'CloudWatch'`,
      isSatisfied: ({ path, usage }) => isS3(path) || usage?.source !== 'CloudWatch',
      message: 'usage.source CloudWatch needs an s3:// path: use List',
    },
    clientOptionsOfPath,
    ...credentialsOfPath,
  ],
)

export type ArtifactStoreSpec = z.infer<typeof artifactStoreSpecSchema>

export interface ArtifactStore extends KubeObject {
  spec: ArtifactStoreSpec
  status?: ArtifactStoreStatus
}

/** Returns the spec as the API server should have let it in, or a Failure `InvalidSpec`. */
export const parseArtifactStoreSpec = specValidator(artifactStoreSpecSchema)

/** The key of the ServiceConnector that a store names. A spec that is invalid may name none: the key has no name, then. */
export const connectorKeyOf = (store: ArtifactStore): ObjectKey =>
  objectKey(connectorNamespaceOf(store), referenceOf(store).name ?? '')

/** The namespace of that connector. */
export const connectorNamespaceOf = (store: ArtifactStore): string | undefined =>
  referenceOf(store).namespace ?? store.metadata.namespace

const referenceOf = ({ spec }: ArtifactStore): Partial<ArtifactStoreSpec['connectorRef']> => spec.connectorRef ?? {}
