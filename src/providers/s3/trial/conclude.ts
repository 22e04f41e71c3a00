/** Pure: the answers of a trial -> how far issued credentials reach, or why they are of no use. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { type Isolation, isolationOf, type TrialAnswers } from '../../isolation.ts'
import type { TrialRequest } from '../../provider.ts'
import { saidIn } from '../../said.ts'
import { type Answer, codeWords, isDenied } from '../answers/answer.ts'
import { refusesKey } from '../answers/failures.ts'
import type { S3Identity } from '../identity/identity.ts'
import { wayToIssue } from '../identity/ways-to-issue.ts'

export interface TrialContext {
  identity: S3Identity
  /** Name of the session's identity. */
  who: string
  /** Texts of the credentials, which are never shown. */
  secrets: readonly string[]
}

export function concludeTrial(
  answers: TrialAnswers,
  request: TrialRequest,
  context: TrialContext,
): Isolation | Failure {
  const { must } = answers
  if (must && isRefused(must.answer)) return refused(must, request, context)
  return isolationOf(answers, request.location, isRefused)
}

const isRefused = (answer: Answer): boolean => isDenied(answer) || refusesKey(answer)

function refused(
  { action, answer }: NonNullable<TrialAnswers['must']>,
  { location, access }: TrialRequest,
  { identity, who, secrets }: TrialContext,
): Failure {
  const way = wayToIssue(identity)
  const by = typeof way === 'string' ? way : 'STS'
  const text = `${location.uri}: credentials of ${by} (${access}) may not ${action}, although ${who} may: ${codeWords(answer)}${saidIn(answer, secrets)}: ${CURES[by] ?? CURES.AssumeRole}`
  // A service may need a moment to know a new key everywhere.
  return refusesKey(answer) ? transient('IssuedCredentialsRefused', text) : stalled('IssuedCredentialsRefused', text)
}

const CURES: Record<string, string> = {
  GetFederationToken:
    'give the user itself a policy that allows it, as the service passes on nothing else; or add a role to spec.aws.assumeRoles, or set spec.aws.issue: Static',
  AssumeRole:
    'allow it in a policy of the role or user itself, as the service passes on nothing else, or use spec.aws.auth.accessKey with issue: Static',
  AssumeRoleWithWebIdentity: 'allow it in a policy of the role itself, as the service passes on nothing else',
  GetSessionToken: 'set spec.aws.issue: Static, or add a role to spec.aws.assumeRoles',
  Static: 'check that the key is still the same at the service',
}
