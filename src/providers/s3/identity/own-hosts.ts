/** Pure: which hosts are surely of S3 and STS themselves. */
import { DNS_SUFFIXES } from './partition.ts'

/** What stands before the suffix: `s3.eu-west-1`, `sts-fips.us-east-1`, `bucket.vpce-1a2b.s3.eu-west-1.vpce`. */
const SERVICE = /(?:^|\.)(?:s3|sts)(?:-fips)?(?:\.dualstack)?(?:\.[a-z]{2,5}(?:-[a-z]{1,12}){1,3}-\d{1,2})?(?:\.vpce)?$/

/**
 * Whether a URL is of S3 or STS themselves. Below the same suffixes, customers have virtual machines, load balancers and
 * APIs of their own, such as `id.execute-api.eu-west-1.amazonaws.com`, which keep what is sent to them.
 */
export function isOfS3OrSts(url: string): boolean {
  const hostname = URL.parse(url)?.hostname ?? ''
  return DNS_SUFFIXES.some(suffix => {
    const end = `.${suffix}`
    return hostname.endsWith(end) && SERVICE.test(hostname.slice(0, -end.length))
  })
}
