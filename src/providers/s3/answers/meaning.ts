/** Pure: refusals of services other than AWS, with the code that AWS has for what they mean. */
import type { Answer } from './answer.ts'

/** A code of our own: the endpoint is another service than the one that was asked. */
export const OTHER_SERVICE = 'OtherService'

/** By the words of the message, which are those of AWS at most services; `codes`: that say too little themselves. */
const MEANINGS: [codes: RegExp, words: RegExp, meant: string][] = [
  // MinIO's STS has one code for all that is wrong with a signature.
  [/^AccessDenied$/, /access key id you provided does not exist|account is disabled/i, 'InvalidAccessKeyId'],
  [/^AccessDenied$/, /request signature we calculated does not match/i, 'SignatureDoesNotMatch'],
  [/^AccessDenied$/, /difference between the request time and/i, 'RequestTimeTooSkewed'],
  // Garage.
  [/^AccessDenied$/, /^forbidden: no such key\b/i, 'InvalidAccessKeyId'],
  [/^AccessDenied$/, /^forbidden: invalid signature$/i, 'SignatureDoesNotMatch'],
  [/^InvalidRequest$/, /\bdate is too old\b/i, 'RequestTimeTooSkewed'],
  // VersityGW answers so to all actions of STS that it does not have.
  [/^SignatureDoesNotMatch$/, /scoped to correct service/i, OTHER_SERVICE],
]

export function meaningOf<A extends Answer>(answer: A): A {
  const { code = '', message = '' } = answer
  const meant = MEANINGS.find(([codes, words]) => codes.test(code) && words.test(message))?.[2]
  return meant ? { ...answer, code: meant } : answer
}
