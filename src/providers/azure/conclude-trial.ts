/** Pure: the answers of a trial -> how far an issued SAS token reaches, or why it is of no use. */
import { type Failure, stalled } from '../../api/failures.ts'
import { concludeTried, type Isolation, type Question, serviceWords, type Tried } from '../isolation.ts'
import { type Answer, isOk } from '../network/answer.ts'
import type { TrialRequest } from '../provider.ts'
import type { TrialAnswers } from './trial.ts'

export interface TrialContext {
  /** Name of the session's identity. */
  who: string
  /** Texts of the token, which are never shown. */
  secrets: readonly string[]
}

export function concludeTrial(
  { must, ownList, elsewhere, tried }: TrialAnswers,
  { location, access }: TrialRequest,
  { who, secrets }: TrialContext,
): Isolation | Failure {
  if (must?.answer.status === 403) {
    return stalled(
      'IssuedCredentialsRefused',
      `${location.uri}: the SAS token for consumers (${access}) may not ${must.action}, although ${who} may (${serviceWords(must.answer, secrets)}): check that the storage account allows SAS tokens of this kind and length, for requests from this network`,
    )
  }
  const { bucket, prefix } = location
  const { result, detail } = concludeTried(tried.map(judged))
  const unclear = must && !isOk(must.answer)
  const listed = tried.find(({ question }) => question === 'listOutside')
  const isWide = prefix === '' || result === 'True' || (listed !== undefined && isOk(listed.answer))
  return {
    kind: 'isolation',
    ...(unclear
      ? { result: 'Unknown' as const, detail: `whether they work: the service answered HTTP ${must.answer.status}` }
      : { result, ...(detail === undefined ? {} : { detail }) }),
    // An identity that is held to a directory itself shows nothing of tokens for others.
    holdsFor: isOk(ownList) && isWide ? 'bucket' : 'prefix',
    identityReaches: { ...(isOk(ownList) ? { bucket } : {}), ...(elsewhere ? { elsewhere } : {}) },
  }
}

const judged = ({ question, answer }: { question: Question; answer: Answer }): Tried => ({
  question,
  answer,
  shows: isReached(question, answer) ? 'reached' : answer.status === 403 ? 'refused' : 'unclear',
})

/** Absence is told only to who may read or delete. */
const isReached = (question: Question, answer: Answer): boolean =>
  isOk(answer) || (/^(read|delete)/.test(question) && answer.status === 404)
