/** Pure: endpoints that calls go to, for messages and for sharing connections. The SDK itself resolves those of AWS. */
import { type AwsSpec, DEFAULT_AWS_REGION } from '../../../api/aws-connector.ts'
import { type Failure, stalled } from '../../../api/failures.ts'
import { type EndpointRules, refusedEndpoint } from '../../network/endpoint-rules.ts'
import { isOfS3OrSts, regionIn } from './own-hosts.ts'
import { partitionOf } from './partition.ts'

/** Endpoint of one service. */
export interface Endpoint {
  /** Absent for the endpoint of AWS in the region, or the one that the operator's environment replaces it with. */
  url?: string
  /** `host:port`, for messages. */
  host: string
  /** The spec field, or the variable of the operator's environment, that decides the endpoint, for messages. */
  field: string
}

/** Kinds of AWS endpoints, as options of the SDK. */
export interface Variants {
  useDualstackEndpoint?: boolean
  useFipsEndpoint?: boolean
}

type Service = 's3' | 'sts'
type Environment = Record<string, string | undefined>

export interface Endpoints extends Required<Variants> {
  s3: Endpoint
  sts: Endpoint
}

export interface Surroundings {
  /** Environment of the operator, which may replace the endpoints of AWS with others. */
  environment?: Environment
  /** Default: refuses only what is always refused. */
  guard?: Pick<EndpointRules, 'refusedEndpoint'>
}

/** Finds the endpoints of a connector; a Failure when one may not be called, or does not exist. */
export function endpoints(spec: AwsSpec, region: string, surroundings: Surroundings): Endpoints | Failure {
  const { endpoint, stsEndpoint } = spec
  const { environment = {}, guard = { refusedEndpoint } } = surroundings
  const variants = variantsOf(spec, environment)
  const s3 = endpoint ? given(endpoint, 'spec.aws.endpoint') : awsEndpoint('s3', region, variants, environment)
  const stsField = stsEndpoint ? 'spec.aws.stsEndpoint' : 'spec.aws.endpoint'
  // An interface endpoint of a VPC is for one service: the one for S3 has no STS.
  const stsUrl = stsEndpoint ?? (endpoint && isOfS3OrSts(endpoint) ? undefined : endpoint)
  const sts = stsUrl ? given(stsUrl, stsField) : awsEndpoint('sts', region, variants, environment)

  for (const { url, field } of [s3, sts]) {
    const refused = url && guard.refusedEndpoint(url)
    if (refused) return stalled('EndpointRefused', `${field}: ${refused}: use the address of an S3 service`)
  }
  return unavailableVariant(spec, region, [s3, sts]) ?? { s3, sts, ...variants }
}

/** Kinds of endpoints to use. Where the spec does not say, the operator's environment does, as for every AWS SDK. */
function variantsOf({ endpoint, useDualstackEndpoint, useFipsEndpoint }: AwsSpec, environment: Environment) {
  const open = endpoint === undefined && !overridden('s3', environment) && !overridden('sts', environment)
  return {
    useDualstackEndpoint: useDualstackEndpoint ?? (open && environment['AWS_USE_DUALSTACK_ENDPOINT'] === 'true'),
    useFipsEndpoint: useFipsEndpoint ?? (open && environment['AWS_USE_FIPS_ENDPOINT'] === 'true'),
  }
}

/** URL of S3 for consumers, which don't share the operator's environment. */
export const consumerUrl = ({ s3, region, ...variants }: Variants & { s3: Endpoint; region: string }): string =>
  s3.url ?? `https://${awsEndpoint('s3', region, variants, {}).host}`

/** Endpoint of S3 in another region. An address that the spec or the environment gives is the same for all regions. */
export const inOtherRegion = (s3: Endpoint, region: string, variants: Variants): Endpoint =>
  s3.url !== undefined || isOverride(s3) ? s3 : awsEndpoint('s3', region, variants, {})

function awsEndpoint(
  service: Service,
  region: string,
  { useDualstackEndpoint = false, useFipsEndpoint = false }: Variants,
  environment: Environment,
): Endpoint {
  const override = overridden(service, environment)
  if (override) return { host: hostOf(override.url), field: override.field }
  const { name, dnsSuffix, dualStackDnsSuffix } = partitionOf(region)
  // In GovCloud every endpoint of STS is a FIPS one.
  const fips = useFipsEndpoint && !(service === 'sts' && name === 'aws-us-gov' && !useDualstackEndpoint) ? '-fips' : ''
  const host =
    service === 's3'
      ? `s3${fips}${useDualstackEndpoint ? '.dualstack' : ''}.${region}.${dnsSuffix}`
      : `sts${fips}.${region}.${useDualstackEndpoint ? dualStackDnsSuffix : dnsSuffix}`
  return { host, field: useFipsEndpoint ? 'spec.aws.useFipsEndpoint' : 'spec.aws.region' }
}

/** The region of a connector: what it says, or its endpoint of AWS does. */
export const regionOf = ({ region, endpoint = '' }: AwsSpec): string =>
  region ?? regionIn(endpoint) ?? DEFAULT_AWS_REGION

/**
 * Whether an endpoint is of AWS itself, even through a VPC, and not of another service that speaks its protocol. This
 * is the only place that tells.
 */
export const isAwsEndpoint = ({ url }: Pick<Endpoint, 'url'>): boolean => url === undefined || isOfS3OrSts(url)

const given = (url: string, field: string): Endpoint => ({ url, host: hostOf(url), field })

const hostOf = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

/** Endpoint that the operator's environment gives a client which has none: LocalStack, moto, an endpoint of a VPC. */
function overridden(service: Service, environment: Environment): { url: string; field: string } | undefined {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined
  for (const variable of [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, 'AWS_ENDPOINT_URL']) {
    const url = environment[variable]
    if (url) return { url, field: variable }
  }
  return undefined
}

const isOverride = ({ field }: Endpoint): boolean => field.startsWith('AWS_')

/** A Failure for a kind of endpoint that does not exist: the SDK would refuse each call. */
function unavailableVariant(
  { useDualstackEndpoint, useFipsEndpoint }: Variants,
  region: string,
  all: Endpoint[],
): Failure | undefined {
  if (!useDualstackEndpoint && !useFipsEndpoint) return undefined
  const field = `spec.aws.${useFipsEndpoint ? 'useFipsEndpoint' : 'useDualstackEndpoint'}`
  if (useFipsEndpoint && partitionOf(region).name === 'aws-cn') {
    return stalled('EndpointUnavailable', `${field}: AWS has no FIPS endpoints in region "${region}": remove it`)
  }
  const override = all.find(isOverride)
  if (!override) return undefined
  return stalled(
    'EndpointUnavailable',
    `${field}: the operator runs with ${override.field}, which replaces the endpoints of AWS: remove one of them`,
  )
}
