/** `spec.clientOptions` of an ArtifactStore: what consumers' clients are told, each in its own words. */
import * as z from 'zod'
import { duration, text } from './fields.ts'
import { pattern, type Rule } from './rules.ts'

export const clientOptionsSchema = z.object({
  checksums: z
    .enum(['WhenRequired', 'WhenSupported'])
    .describe(
      'When clients send checksums with what they write, and ask for those of what they read. Default: WhenRequired ' +
        "outside of AWS, whose services may refuse new kinds; at AWS the client's own default.",
    )
    .exactOptional(),
  maxAttempts: z
    .int()
    .min(1)
    .max(100)
    .describe('How often a call is made before it has failed, with the first time.')
    .exactOptional(),
  connectTimeout: duration('connectTimeout', '1s', '1h')
    .describe('How long clients wait for a connection.')
    .exactOptional(),
  readTimeout: duration('readTimeout', '1s', '1h').describe('How long clients wait for an answer.').exactOptional(),
  maxPoolConnections: z
    .int()
    .min(1)
    .max(10_000)
    .describe('How many connections a client keeps open. S3 only.')
    .exactOptional(),
  acl: z
    .enum(['private', 'bucket-owner-read', 'bucket-owner-full-control'])
    .describe(
      'ACL that writers ask for, where the bucket is of another account than the role. Credentials may then write this ' +
        'ACL and no other, and a probe asks for it, too. S3 only.',
    )
    .exactOptional(),
  storageClass: text(
    64,
    pattern(
      /^[A-Z][A-Z0-9_-]*$/,
      'storageClass must be a class of S3 in capital letters: write for example STANDARD_IA or INTELLIGENT_TIERING',
    ),
  )
    .describe('Storage class of what is written: STANDARD_IA, INTELLIGENT_TIERING, ... S3 only.')
    .exactOptional(),
  requesterPays: z
    .boolean()
    .describe('Clients accept that their account pays for requests, and so do calls of the operator. S3 only.')
    .exactOptional(),
  signatureVersion: z
    .enum(['v4', 'v2'])
    .describe('How requests are signed. All clients use v4; v2 is for old services. S3 only.')
    .exactOptional(),
})

export type ClientOptions = z.infer<typeof clientOptionsSchema>
export type ClientOption = keyof ClientOptions

/** Options that clients of Azure have, too. */
const ON_AZURE: readonly ClientOption[] = ['maxAttempts', 'connectTimeout', 'readTimeout']
const S3_ONLY = (Object.keys(clientOptionsSchema.shape) as ClientOption[]).filter(name => !ON_AZURE.includes(name))

interface OfStore {
  path: string
  clientOptions?: ClientOptions
}

/** Rule of a store's spec: what Azure does not have can't be asked for there. */
export const clientOptionsOfPath: Rule<OfStore> = {
  cel: `self.path.startsWith('s3://') || !has(self.clientOptions) || !(${S3_ONLY.map(name => `has(self.clientOptions.${name})`).join(' || ')})`,
  isSatisfied: ({ path, clientOptions = {} }) =>
    path.startsWith('s3://') || S3_ONLY.every(name => clientOptions[name] === undefined),
  message:
    `clientOptions has what only S3 knows (${S3_ONLY.join(', ')}): with an Azure path only ${ON_AZURE.join(', ')} ` +
    'can be set; access tiers and who may read belong to the storage account',
}
