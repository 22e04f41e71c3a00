/** Counts objects by listing, a bounded number a call. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Usage, UsageRequest } from '../provider.ts'
import type { S3Calls } from './calls.ts'
import type { ProbeContext } from './conclude-probe.ts'

export async function measureByListing(
  _calls: S3Calls,
  _request: UsageRequest,
  _context: ProbeContext,
  _signal: AbortSignal,
): Promise<Usage | Failure> {
  return stalled('NotImplemented', 'measureByListing')
}
