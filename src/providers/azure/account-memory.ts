/** What one session knows about its storage account, so that its stores need not ask again. */
import type { UserDelegationKey } from '@azure/storage-blob'
import { type Failure, isFailure } from '../../api/failures.ts'
import { abortable } from '../../async/deadline.ts'
import { Flights } from '../../async/flights.ts'
import type { Answer } from '../network/answer.ts'
import type { BlobCalls } from './calls.ts'

/** How far behind ours a service's clock may be: what is valid from now on would not be valid there yet. */
export const SKEW_MS = 15 * 60_000
/** Life of a delegation key: longer than any grant, so that one serves a session. The service allows 7 days. */
const KEY_MS = 24 * 60 * 60_000

export class AccountMemory {
  readonly #calls: Pick<BlobCalls, 'delegationKey'>
  readonly #now: () => Date
  readonly #keyFlights = new Flights<Answer<UserDelegationKey>>()
  #key: UserDelegationKey | undefined
  #enforcesDirectories: boolean | undefined

  constructor(calls: Pick<BlobCalls, 'delegationKey'>, now: () => Date) {
    this.#calls = calls
    this.#now = now
  }

  /** A key that is good until `until`. A refusal is not kept: the next caller wants to see whether it was corrected. */
  delegationKey(until: Date, signal: AbortSignal): Promise<Answer<UserDelegationKey>> {
    const known = this.#key
    if (known && known.signedExpiresOn >= until) return Promise.resolve({ status: 200, value: known })
    const flight = this.#keyFlights.share('key', async () => {
      const start = this.#now().getTime()
      const answer = await this.#calls.delegationKey(new Date(start - SKEW_MS), new Date(start + KEY_MS))
      this.#key = answer.value ?? known
      return answer
    })
    return abortable(flight, signal)
  }

  /** Whether the account enforces SAS tokens to directories; `find` is asked once. */
  async enforcesDirectories(find: () => Promise<boolean | Failure>): Promise<boolean | Failure> {
    if (this.#enforcesDirectories !== undefined) return this.#enforcesDirectories
    const found = await find()
    if (!isFailure(found)) this.#enforcesDirectories = found
    return found
  }
}
