/** ServiceConnector: how to authenticate. */
import * as z from 'zod'
import { awsSchema } from './aws-connector.ts'
import { azureSchema } from './azure-connector.ts'
import { conditionsSchema } from './conditions.ts'
import {
  ATOMIC_LIST,
  ATOMIC_MAP,
  allowedNamespacesSchema,
  duration,
  lastHandledRequest,
  NEW_CONNECTOR,
  observedGeneration,
  setOf,
  text,
  time,
} from './fields.ts'
import type { KubeObject } from './object.ts'
import { exactlyOne, fixedChoice, pattern, withRules } from './rules.ts'
import { MAX_SESSION_DURATION } from './time.ts'
import { specValidator } from './validate.ts'

export const DEFAULT_SESSION_DURATION = '1h'

/** The most buckets that `status.resources` lists. */
export const MAX_RESOURCES = 100

const PROVIDERS = ['aws', 'azure']

const resourcePattern = text(
  256,
  pattern(
    /^(s3:\/\/[A-Za-z0-9*._:-]+|(az|abfs):\/\/[a-z0-9*.$-]+|abfss?:\/\/[a-z0-9*$-]+@[a-z0-9*.-]+)$/,
    'resources must be URIs of buckets, with * for any characters: write for example s3://ml-*, without a prefix',
  ),
)

/** What others get beside scoped credentials. Each says what it opens, as its owner must know when setting it. */
const lendSchema = z.object({
  webIdentity: z
    .boolean()
    .describe(
      "The identity itself, by the format WebIdentity: the ServiceAccount's token opens all that the identity may do.",
    )
    .exactOptional(),
  bucketSetup: z
    .boolean()
    .describe("`spec.bucket` of stores elsewhere: creating, versioning and expiration, with the identity's own rights.")
    .exactOptional(),
  wholeContainer: z
    .boolean()
    .describe(
      'Credentials for a path in a storage account without hierarchical namespace, where each opens the whole container.',
    )
    .exactOptional(),
  static: z
    .boolean()
    .describe(
      'Credentials that nothing narrows: copies of a key or SAS token as it is, and sessions of `issue: SessionToken`.',
    )
    .exactOptional(),
})

export const serviceConnectorSpecSchema = withRules(
  z.object({
    aws: awsSchema.describe('Amazon S3 and services that speak its protocol.').exactOptional(),
    azure: azureSchema.describe('Azure Blob Storage.').exactOptional(),
    sessionDuration: duration('sessionDuration', '15m', MAX_SESSION_DURATION)
      .describe(`How long issued credentials live (default ${DEFAULT_SESSION_DURATION}).`)
      .exactOptional(),
    resources: setOf(resourcePattern.describe('URI of a bucket, with * for any characters.'), 'resources', 64, 1)
      .describe('Buckets that stores may use through this connector, and that `status.resources` lists. Default: all.')
      .exactOptional(),
    allowedNamespaces: allowedNamespacesSchema
      .describe(
        "Namespaces whose stores may reference this connector. Default: only the connector's own. With the operator's " +
          "own identity (`auth.implicit`, `auth.managedIdentity`), it is the connector's namespace that an administrator " +
          'must have allowed: the others use what was lent to it.',
      )
      .exactOptional(),
    lend: lendSchema
      .describe(
        "What stores and namespaces other than the connector's own get beside credentials for a bucket and prefix. " +
          'Default: nothing. What is withdrawn is taken back at once where it does not end by itself.',
      )
      .exactOptional(),
    suspend: z.boolean().describe('Stop reconciling; what was projected stays as it is.').exactOptional(),
  }),
  [
    exactlyOne('spec', PROVIDERS),
    fixedChoice(PROVIDERS, `spec can't change between aws and azure: ${NEW_CONNECTOR}`),
    {
      cel: "!has(self.resources) || self.resources.all(uri, uri.startsWith('s3://') == has(self.aws))",
      isSatisfied: ({ aws, resources }) =>
        (resources ?? []).every(uri => uri.startsWith('s3://') === (aws !== undefined)),
      message: 'resources has a URI of another cloud: use s3:// with aws, and az://, abfs:// or abfss:// with azure',
    },
  ],
)

export const serviceConnectorStatusSchema = z.object({
  observedGeneration: observedGeneration.exactOptional(),
  lastHandledRequest: lastHandledRequest.exactOptional(),
  conditions: conditionsSchema.exactOptional(),
  identity: z
    .object({
      arn: z.string().describe('ARN of the caller.').exactOptional(),
      accountId: z.string().describe('AWS account.').exactOptional(),
      tenantId: z.string().describe('Entra tenant.').exactOptional(),
      clientId: z.string().describe('Entra client.').exactOptional(),
    })
    .meta(ATOMIC_MAP)
    .describe('Who the service says we are.')
    .exactOptional(),
  principal: z
    .string()
    .describe(
      'Whom the operator acts as: the ARN or client id of `identity`, or what was asked for where the service names none.',
    )
    .exactOptional(),
  resources: z
    .array(
      z
        .object({
          uri: z.string().describe('URI of the bucket.'),
          region: z.string().describe('Region of the bucket.').exactOptional(),
        })
        .describe('A bucket.'),
    )
    .max(MAX_RESOURCES)
    .meta(ATOMIC_LIST)
    .describe(
      'Buckets that this identity can list, of those in `spec.resources`. Absent: it may list none, or was not asked.',
    )
    .exactOptional(),
  resourcesTruncated: z.boolean().describe('There are more buckets than `resources` holds.').exactOptional(),
  stores: z
    .int()
    .describe('How many ArtifactStores use this connector. Those of namespaces that it does not allow do not count.')
    .exactOptional(),
  expiresAt: time()
    .describe("When the identity's own credentials end; absent for keys that do not expire.")
    .exactOptional(),
})

export type ServiceConnectorSpec = z.infer<typeof serviceConnectorSpecSchema>
export type ServiceConnectorStatus = z.infer<typeof serviceConnectorStatusSchema>

export interface ServiceConnector extends KubeObject {
  spec: ServiceConnectorSpec
  status?: ServiceConnectorStatus
}

/** Returns the spec as the API server should have let it in, or a Failure `InvalidSpec`. */
export const parseServiceConnectorSpec = specValidator(serviceConnectorSpecSchema)
