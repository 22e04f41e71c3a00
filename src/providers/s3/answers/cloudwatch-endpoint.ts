/** Pure: the endpoint of CloudWatch, for messages. */
import { type Endpoint, isAwsEndpoint } from '../identity/endpoints.ts'
import { partitionOf } from '../identity/partition.ts'
import type { Asked } from './failures.ts'

export function cloudWatchEndpoint({ endpoint, identity: { region } }: Asked): Endpoint {
  // A connector, or AWS_ENDPOINT_URL in the operator's environment, gives one address for all services.
  if (!isAwsEndpoint(endpoint) || endpoint.field === 'AWS_ENDPOINT_URL') return endpoint
  return { host: `monitoring.${region}.${partitionOf(region).dnsSuffix}`, field: 'spec.aws.region' }
}
