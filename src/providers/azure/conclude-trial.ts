/** Pure: the answers of a trial -> how far an issued SAS token reaches, or why it is of no use. */
import { type Failure, stalled } from '../../api/failures.ts'
import { type Isolation, isolationOf, type TrialAnswers } from '../isolation.ts'
import type { TrialRequest } from '../provider.ts'
import { saidIn } from '../said.ts'
import { isUseless } from './trial.ts'

export interface TrialContext {
  /** Name of the session's identity. */
  who: string
  /** Texts of the token, which are never shown. */
  secrets: readonly string[]
}

export function concludeTrial(
  answers: TrialAnswers,
  { location, access }: TrialRequest,
  { who, secrets }: TrialContext,
): Isolation | Failure {
  const { must } = answers
  if (!must || !isUseless(must)) return isolationOf(answers, location, ({ status }) => status === 403)
  const { status, code = '' } = must.answer
  return stalled(
    'IssuedCredentialsRefused',
    `${location.uri}: the SAS token for consumers (${access}) may not ${must.action}, although ${who} may: HTTP ${status}${code && ` ${code}`}${saidIn(must.answer, secrets)}: check that the storage account allows SAS tokens of this kind and length, for requests from this network`,
  )
}
