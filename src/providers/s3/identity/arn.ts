/** Pure: names of things in policies. */

/** Ceph names a bucket of another tenant `tenant:bucket`, and has the tenant in the place of the account. */
export function arnOfBucket(bucket: string, partition: string): string {
  const [name = '', tenant = ''] = bucket.split(':', 2).reverse()
  return `arn:${partition}:s3::${tenant}:${name}`
}
