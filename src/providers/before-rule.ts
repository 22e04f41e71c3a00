import type { Failure } from '../api/failures.ts'

/** A failure to prepare a bucket, before anything was written about its lifecycle rule: if it had none, it has none. */
export interface BeforeRule extends Failure {
  beforeRule: true
}

export const beforeRule = (failure: Failure): BeforeRule => ({ ...failure, beforeRule: true })

export const isBeforeRule = (failure: Failure): failure is BeforeRule => 'beforeRule' in failure
