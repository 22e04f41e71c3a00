/** AWS partitions by region. */

export interface Partition {
  /** Second field of its ARNs. */
  name: string
  dnsSuffix: string
}

const PARTITIONS: [region: RegExp, partition: Partition][] = [
  [/^cn-/, { name: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' }],
  [/^us-gov-/, { name: 'aws-us-gov', dnsSuffix: 'amazonaws.com' }],
  [/^us-iso-/, { name: 'aws-iso', dnsSuffix: 'c2s.ic.gov' }],
  [/^us-isob-/, { name: 'aws-iso-b', dnsSuffix: 'sc2s.sgov.gov' }],
  [/^eusc-/, { name: 'aws-eusc', dnsSuffix: 'amazonaws.eu' }],
]

export const partitionOf = (region: string): Partition =>
  PARTITIONS.find(([pattern]) => pattern.test(region))?.[1] ?? { name: 'aws', dnsSuffix: 'amazonaws.com' }
