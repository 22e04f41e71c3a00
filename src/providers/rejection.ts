import type { Failure } from '../api/failures.ts'

/** The service refused the credentials, which another try with the same ones won't change. */
export interface Rejection extends Failure {
  rejected: true
}

export const rejection = (failure: Failure): Rejection => ({ ...failure, rejected: true })

export const isRejection = (failure: Failure): failure is Rejection => 'rejected' in failure
