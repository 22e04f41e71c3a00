/** Pure: partitions of AWS, by region. */

export interface Partition {
  /** Second field of the ARNs in the partition. */
  name: string
  dnsSuffix: string
  /** Suffix of dual-stack endpoints, except those of S3. */
  dualStackDnsSuffix: string
}

const PARTITIONS: [region: RegExp, partition: Partition][] = [
  [/^cn-/, partition('aws-cn', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn')],
  [/^us-gov-/, partition('aws-us-gov', 'amazonaws.com', 'api.aws')],
  [/^us-iso-/, partition('aws-iso', 'c2s.ic.gov', 'api.aws.ic.gov')],
  [/^us-isob-/, partition('aws-iso-b', 'sc2s.sgov.gov', 'api.aws.scloud')],
  [/^eu-isoe-/, partition('aws-iso-e', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk')],
  [/^us-isof-/, partition('aws-iso-f', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov')],
  [/^eusc-/, partition('aws-eusc', 'amazonaws.eu', 'api.amazonwebservices.eu')],
]

const COMMERCIAL = partition('aws', 'amazonaws.com', 'api.aws')

/** Suffixes of the hosts of AWS in all partitions. */
export const DNS_SUFFIXES: readonly string[] = [COMMERCIAL, ...PARTITIONS.map(([, partition]) => partition)].flatMap(
  ({ dnsSuffix, dualStackDnsSuffix }) => [dnsSuffix, dualStackDnsSuffix],
)

export const partitionOf = (region: string): Partition =>
  PARTITIONS.find(([pattern]) => pattern.test(region))?.[1] ?? COMMERCIAL

/** The partition that an ARN is of, where AWS has it; undefined for ARNs of other services. */
export function partitionOfArn(arn: string): string | undefined {
  const [, name] = arn.split(':', 2)
  return [COMMERCIAL, ...PARTITIONS.map(([, partition]) => partition)].find(partition => partition.name === name)?.name
}

function partition(name: string, dnsSuffix: string, dualStackDnsSuffix: string): Partition {
  return { name, dnsSuffix, dualStackDnsSuffix }
}
