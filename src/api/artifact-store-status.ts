/** Status of an ArtifactStore: what the operator found out about it. */
import * as z from 'zod'
import { conditionsSchema } from './conditions.ts'
import { ATOMIC_LIST, ATOMIC_MAP, lastHandledRequest, observedGeneration, time } from './fields.ts'

/** Bound that keeps a store small: it is in etcd, on each watch and in each cache. */
export const MAX_LISTED_CREDENTIALS = 250

export const artifactStoreStatusSchema = z.object({
  observedGeneration: observedGeneration.exactOptional(),
  lastHandledRequest: lastHandledRequest.exactOptional(),
  lastHandledConnectorRequest: z
    .string()
    .describe(
      'Value of the annotation `artifactstore.dev/requested-at` of the connector for which all credentials here were made; absent when it has none.',
    )
    .exactOptional(),
  conditions: conditionsSchema.exactOptional(),
  bucket: z
    .object({
      name: z.string().describe('Bucket or container.'),
      prefix: z.string().describe("Prefix inside it: '' or ends with '/'."),
      region: z.string().describe('Region the bucket is in.').exactOptional(),
      versioning: z.enum(['Enabled', 'Suspended', 'Disabled']).describe('Versioning of the bucket.').exactOptional(),
      expirationDays: z
        .int()
        .describe("Days of the operator's lifecycle rule, from the first attempt to write it.")
        .exactOptional(),
    })
    .meta(ATOMIC_MAP)
    .describe('The bucket as the service describes it.')
    .exactOptional(),
  permissions: z
    .array(
      z
        .object({
          action: z.string().describe('Permission in the words of the service: s3:GetObject.'),
          result: z.enum(['Allowed', 'Denied', 'Unknown']).describe('What the probe found.'),
          probe: z
            .string()
            .describe('The call that showed it to be Denied or Unknown; absent when none was made.')
            .exactOptional(),
          detail: z
            .string()
            .describe('Why it is not Allowed, where the service or the operator has more to say than that.')
            .exactOptional(),
        })
        .describe('A permission.'),
    )
    .meta(ATOMIC_LIST)
    .describe('What the connector may really do here, as far as it was asked or found out.')
    .exactOptional(),
  credentials: z
    .array(
      z
        .object({
          name: z.string().describe('Name of the entry in `spec.credentials`.'),
          namespace: z.string().describe('Namespace of the Secret.'),
          secretName: z.string().describe('Name of the Secret.'),
          expiresAt: time().describe('When its credentials end; absent when they do not.').exactOptional(),
        })
        .describe('A Secret.'),
    )
    .meta(ATOMIC_LIST)
    .describe(`Secrets that hold credentials now: ${MAX_LISTED_CREDENTIALS} at most.`)
    .exactOptional(),
  credentialsOmitted: z
    .int()
    .describe('How many Secrets `credentials` has no room for; absent when it lists all.')
    .exactOptional(),
  expiresAt: time().describe('When the first of these Secrets ends, listed or not.').exactOptional(),
  defaultInUse: z
    .boolean()
    .describe(
      'It is the default store of a namespace that has others, so its deletion needs a confirmation. Absent: it is not.',
    )
    .exactOptional(),
  usage: z
    .object({
      objects: z.int().describe('Number of objects.'),
      bytes: z.int().describe('Their size.'),
      scope: z.enum(['Bucket', 'Prefix']).describe('What was measured: CloudWatch knows whole buckets only.'),
      measuredAt: time().describe('When this was measured.'),
    })
    .meta(ATOMIC_MAP)
    .describe('The last complete measurement.')
    .exactOptional(),
})

export type ArtifactStoreStatus = z.infer<typeof artifactStoreStatusSchema>
