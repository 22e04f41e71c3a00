/** Variables for `envFrom` of short pods; a running process never sees a new value. */
import type { CredentialMaterial } from '../api/material.ts'
import { rfc3339 } from '../api/time.ts'
import type { RenderContext, Rendered } from './format.ts'
import { CA_KEY } from './values.ts'

/**
 * `AWS_*` as SDKs read them and `BUCKET_*` as an ObjectBucketClaim names them.
 *
 * With a private CA the Secret also holds `ca.crt`: mount it (or the AwsProfile one) at `mountPath`, since
 * `AWS_CA_BUNDLE` can only name a file.
 */
export function renderEnv(material: CredentialMaterial, context: RenderContext): Rendered {
  const { accessKeyId, secretAccessKey, sessionToken, region, endpoint, caPem, bucket, prefix } = material
  const reached = endpoint ?? awsEndpoint(region)
  const { protocol, hostname, port } = new URL(reached)
  return {
    data: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
      ...(context.expiresAt && { AWS_CREDENTIAL_EXPIRATION: rfc3339(context.expiresAt) }),
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      // The general name too: many libraries know no other, and these keys are good for no other service.
      ...(endpoint && { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }),
      ...(caPem && { AWS_CA_BUNDLE: `${context.mountPath}/${CA_KEY}`, [CA_KEY]: caPem }),
      BUCKET_NAME: bucket,
      BUCKET_PREFIX: prefix,
      BUCKET_URI: `s3://${bucket}/${prefix}`.replace(/\/$/, ''),
      BUCKET_REGION: region,
      BUCKET_ENDPOINT: reached,
      BUCKET_HOST: hostname,
      BUCKET_PORT: port || (protocol === 'https:' ? '443' : '80'),
    },
  }
}

const awsEndpoint = (region: string): string =>
  `https://s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
