/** Pure: which hosts are surely of S3 and STS themselves. */
import { DNS_SUFFIXES } from './partition.ts'

const REGION = '[a-z]{2,5}(?:-[a-z]{1,12}){1,3}-\\d{1,2}'

/**
 * What stands before the suffix: `s3.eu-west-1`, `sts-fips.us-east-1`, `bucket.vpce-1a2b.s3.eu-west-1.vpce`, and the
 * older `s3-eu-west-1`.
 */
const SERVICE = new RegExp(
  `(?:^|\\.)(?:(?:s3|sts)(?:-fips)?(?:\\.dualstack)?(?:\\.(?<region>${REGION}))?(?:\\.vpce)?|s3-(?<older>${REGION})|s3-accelerate(?:\\.dualstack)?)$`,
)

/**
 * Whether a URL is of S3 or STS themselves. Below the same suffixes, customers have virtual machines, load balancers and
 * APIs of their own, such as `id.execute-api.eu-west-1.amazonaws.com`, which keep what is sent to them.
 */
export const isOfS3OrSts = (url: string): boolean => serviceIn(url) !== undefined

/** The region that a URL of S3 or STS themselves names. */
export function regionIn(url: string): string | undefined {
  const { region, older } = serviceIn(url)?.groups ?? {}
  return region ?? older
}

function serviceIn(url: string): RegExpExecArray | undefined {
  const hostname = URL.parse(url)?.hostname ?? ''
  for (const suffix of DNS_SUFFIXES) {
    const found = hostname.endsWith(`.${suffix}`) && SERVICE.exec(hostname.slice(0, -suffix.length - 1))
    if (found) return found
  }
  return undefined
}
