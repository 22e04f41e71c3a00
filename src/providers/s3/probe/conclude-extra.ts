/** Pure: what the answers of a probe show of a permission that not every probe asks about. */
import type { Failure } from '../../../api/failures.ts'
import type { ProbeRequest } from '../../provider.ts'
import { cloudWatchEndpoint } from '../answers/cloudwatch-endpoint.ts'
import { failureOf } from '../answers/failures.ts'
import { type Judgement, judge, judgeAbsent, type ProbeContext, unknown } from '../answers/judge.ts'
import { isAwsEndpoint } from '../identity/endpoints.ts'
import type { ExtraPermission } from './extra-permissions.ts'
import type { ProbeAnswers } from './probe.ts'

/** Judges a permission; a Failure when the store requires it and the service can't tell now. */
export function concludeExtra(
  { action, awsOnly, accountWide, list, proofs = [], bodiless = false }: ExtraPermission,
  answers: ProbeAnswers,
  { location, required }: ProbeRequest,
  context: ProbeContext,
): Judgement | Failure {
  if (awsOnly && !isAwsEndpoint(context.endpoint)) return unknown(`${action}: not probed: ${awsOnly}`)
  const answer = answers.extras.get(action)
  if (!answer) return unknown(`${action}: not probed: name it in spec.verification.require`)

  const endpoint = action.startsWith('cloudwatch:') ? cloudWatchEndpoint(context) : context.endpoint
  const asked = { ...context, endpoint, bucket: location.bucket, bodiless }
  const failure = failureOf(answer, asked)
  if (failure?.intent === 'transient' && required.includes(action)) return failure
  // The store does not depend on the permission, or trying again would not help.
  if (failure) return unknown(`${action}: ${failure.message}`)
  const question = { action, proofs, ...(accountWide ? {} : { location }) }
  return list ? judgeAbsent({ ...question, list }, answer, answers, asked) : judge(question, answer, asked)
}
