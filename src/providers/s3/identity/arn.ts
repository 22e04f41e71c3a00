/** Pure: names of things in policies. */
import { arnOf } from '../../../foreign/text.ts'

/** Ceph names a bucket of another tenant `tenant:bucket`, and has the tenant in the place of the account. */
export function arnOfBucket(bucket: string, partition: string): string {
  const [name = '', tenant = ''] = bucket.split(':', 2).reverse()
  return `arn:${partition}:s3::${tenant}:${name}`
}

const ROLE_ARN = /^arn:[\w-]{1,64}:iam:[\w-]{0,64}:[\w-]{0,64}:role\/[\w+=,.@/-]{1,2048}$/

/** Whether an annotation is the ARN of a role; the schema checks those of specs. */
export const isRoleArn = (text: string): boolean => arnOf(text) !== undefined && ROLE_ARN.test(text)
