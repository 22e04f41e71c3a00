/** Pure: where CloudWatch is, for messages. */
import type { Endpoint } from '../identity/endpoints.ts'
import { partitionOf } from '../identity/partition.ts'
import type { Asked } from './failures.ts'

export function cloudWatchEndpoint({ endpoint, identity: { region } }: Asked): Endpoint {
  // One address for all services: that of a connector, or of the operator's environment.
  if (endpoint.url || endpoint.field === 'AWS_ENDPOINT_URL') return endpoint
  return { host: `monitoring.${region}.${partitionOf(region).dnsSuffix}`, field: 'spec.aws.region' }
}
