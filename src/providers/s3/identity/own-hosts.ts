/** Pure: which hosts are surely of S3 and STS themselves. */
import { DNS_SUFFIXES } from './partition.ts'

/** What stands before the suffix: `s3.eu-west-1`, `sts-fips.us-east-1`, `bucket.vpce-1a2b.s3.eu-west-1.vpce`. */
const SERVICE =
  /(?:^|\.)(?:s3|sts)(?:-fips)?(?:\.dualstack)?(?:\.(?<region>[a-z]{2,5}(?:-[a-z]{1,12}){1,3}-\d{1,2}))?(?:\.vpce)?$/
/** The older `s3-eu-west-1`, and `s3-accelerate`, which is in no region. */
const OLDER = /(?:^|\.)s3-(?:accelerate(?:\.dualstack)?|(?<region>[a-z]{2,5}(?:-[a-z]{1,12}){1,3}-\d{1,2}))$/

/**
 * Whether a URL is of S3 or STS themselves. Below the same suffixes, customers have virtual machines, load balancers and
 * APIs of their own, such as `id.execute-api.eu-west-1.amazonaws.com`, which keep what is sent to them.
 */
export const isOfS3OrSts = (url: string): boolean => serviceIn(url) !== undefined

/** The region that a URL of S3 or STS themselves names. */
export const regionIn = (url: string): string | undefined => serviceIn(url)?.groups?.['region']

function serviceIn(url: string): RegExpExecArray | undefined {
  const hostname = URL.parse(url)?.hostname ?? ''
  for (const suffix of DNS_SUFFIXES) {
    if (!hostname.endsWith(`.${suffix}`)) continue
    const service = hostname.slice(0, -suffix.length - 1)
    const found = SERVICE.exec(service) ?? OLDER.exec(service)
    if (found) return found
  }
  return undefined
}
