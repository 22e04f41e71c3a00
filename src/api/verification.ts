/** `spec.verification` of an ArtifactStore: how, how often and for what its bucket is looked at. */
import * as z from 'zod'
import { duration, setOf, text } from './fields.ts'
import { pattern } from './rules.ts'

export const DEFAULT_VERIFICATION_INTERVAL = '10m'

const permissionName = text(
  128,
  pattern(
    /^[A-Za-z0-9.]+[:/][A-Za-z0-9./-]+$/,
    'require must list permissions in the words of the service: write for example s3:GetObject',
  ),
)

export const verificationSchema = z.object({
  interval: duration('interval', '1m', '24h')
    .describe(`How often the bucket is verified, jittered (default ${DEFAULT_VERIFICATION_INTERVAL}).`)
    .exactOptional(),
  writeProbe: z
    .enum(['Multipart', 'Object', 'None'])
    .describe(
      'How writing is tested. Multipart (default): an upload that is aborted, which leaves no trace. ' +
        'Object: a small object that is deleted. None: not at all.',
    )
    .exactOptional(),
  isolation: z
    .enum(['Report', 'Required'])
    .describe(
      'What follows when issued credentials are not proven to reach no further than their prefix and access. ' +
        'Report (default): condition Isolated says so. Required: such credentials are not given out.',
    )
    .exactOptional(),
  require: setOf(permissionName.describe('A permission, such as s3:GetObject.'), 'require', 32, 1)
    .describe(
      'Permissions without which the store is not Ready. Default: what the formats and accesses of `credentials` need.',
    )
    .exactOptional(),
})
