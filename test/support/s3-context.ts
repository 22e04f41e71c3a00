/** Contexts of probes, with the caller and the service, for tests of what S3's answers mean. */
import type { ProbeContext } from '../../src/providers/s3/answers/judge.ts'

export const WHO = 'arn:aws:iam::123456789012:user/ml'

const context = (endpoint: ProbeContext['endpoint'], region: string): ProbeContext => ({
  endpoint,
  who: WHO,
  identity: {
    region,
    auth: {
      kind: 'accessKey',
      secret: 'ml/key',
      temporary: false,
      key: () => ({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
    },
  },
})

export const atAws = (region = 'eu-west-1'): ProbeContext => ({
  ...context({ host: `s3.${region}.amazonaws.com`, field: 'spec.aws.region' }, region),
  accountId: '123456789012',
})

export const atMinio = (region = 'us-east-1'): ProbeContext =>
  context({ url: 'https://minio:9000', host: 'minio:9000', field: 'spec.aws.endpoint' }, region)
