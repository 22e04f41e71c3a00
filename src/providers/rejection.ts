import type { Failure } from '../api/failures.ts'

/** A failure in which the service refused the credentials: another try with the same ones would end the same way. */
export interface Rejection extends Failure {
  rejected: true
}

export const rejection = (failure: Failure): Rejection => ({ ...failure, rejected: true })

export const isRejection = (failure: Failure): failure is Rejection => 'rejected' in failure
