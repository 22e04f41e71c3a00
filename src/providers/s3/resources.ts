/** Buckets that an identity can list. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Resources, ResourcesRequest } from '../provider.ts'
import type { S3Calls } from './calls.ts'
import type { ProbeContext } from './conclude-probe.ts'

export async function listResources(
  _calls: S3Calls,
  _request: ResourcesRequest,
  _context: ProbeContext,
  _signal: AbortSignal,
): Promise<Resources | Failure> {
  return stalled('NotImplemented', 'listResources')
}
