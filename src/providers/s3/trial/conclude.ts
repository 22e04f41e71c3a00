/** Pure: the answers of a trial -> how far issued credentials reach, or why they are of no use. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { concludeTried, type Isolation, type Question, serviceWords, type Tried } from '../../isolation.ts'
import { isOk } from '../../network/answer.ts'
import type { TrialRequest } from '../../provider.ts'
import { type Answer, isDenied } from '../answers/answer.ts'
import type { S3Identity } from '../identity/identity.ts'
import { wayToIssue } from '../identity/ways-to-issue.ts'
import type { TrialAnswers } from './trial.ts'

export interface TrialContext {
  identity: S3Identity
  /** Name of the session's identity. */
  who: string
  /** Texts of the credentials, which are never shown. */
  secrets: readonly string[]
}

export function concludeTrial(
  { must, ownList, elsewhere, tried }: TrialAnswers,
  request: TrialRequest,
  context: TrialContext,
): Isolation | Failure {
  if (must && isRefused(must.answer)) return refused(must, request, context)
  const unclear = must && !isOk(must.answer)
  const { bucket, prefix } = request.location
  const listed = tried.find(({ question }) => question === 'listOutside')
  const { result, detail } = concludeTried(tried.map(judged))
  return {
    kind: 'isolation',
    ...(unclear
      ? { result: 'Unknown' as const, detail: `whether they work: the service answered HTTP ${must.answer.status}` }
      : { result, ...(detail === undefined ? {} : { detail }) }),
    // An identity that is held to a prefix itself shows nothing of credentials for other prefixes.
    holdsFor:
      isOk(ownList) && (prefix === '' || result === 'True' || (listed !== undefined && isOk(listed.answer)))
        ? 'bucket'
        : 'prefix',
    identityReaches: { ...(isOk(ownList) ? { bucket } : {}), ...(elsewhere ? { elsewhere } : {}) },
  }
}

/** Codes with which services refuse a session token, some of them with HTTP 400. */
const BAD_KEY =
  /^(InvalidAccessKeyId|InvalidClientTokenId|InvalidToken|InvalidTokenId|ExpiredToken|SignatureDoesNotMatch|TokenRefreshRequired)$/

const isRefused = (answer: Answer): boolean => isDenied(answer) || BAD_KEY.test(answer.code ?? '')

const judged = ({ question, answer }: { question: Question; answer: Answer }): Tried => ({
  question,
  answer,
  shows: isReached(question, answer) ? 'reached' : isRefused(answer) ? 'refused' : 'unclear',
})

/** Absence is told only to who may read. */
const isReached = (question: Question, answer: Answer): boolean =>
  isOk(answer) || (/^(read|delete)/.test(question) && answer.status === 404)

function refused(
  { action, answer }: NonNullable<TrialAnswers['must']>,
  { location, access }: TrialRequest,
  { identity, who, secrets }: TrialContext,
): Failure {
  const way = wayToIssue(identity)
  const by = typeof way === 'string' ? way : 'STS'
  const text = `${location.uri}: credentials of ${by} (${access}) may not ${action}, although ${who} may (${serviceWords(answer, secrets)}): ${CURES[by] ?? CURES.AssumeRole}`
  // A service may need a moment to know a new key everywhere.
  return isDenied(answer) && !BAD_KEY.test(answer.code ?? '')
    ? stalled(ISSUED_REFUSED, text)
    : transient(ISSUED_REFUSED, text)
}

const ISSUED_REFUSED = 'IssuedCredentialsRefused'

const CURES: Record<string, string> = {
  GetFederationToken:
    'give the user itself a policy that allows it, as the service passes on nothing else; or add a role to spec.aws.assumeRoles, or set spec.aws.issue: Static',
  AssumeRole:
    'allow it in a policy of the role or user itself, as the service passes on nothing else, or use spec.aws.auth.accessKey with issue: Static',
  AssumeRoleWithWebIdentity: 'allow it in a policy of the role itself, as the service passes on nothing else',
  GetSessionToken: 'set spec.aws.issue: Static, or add a role to spec.aws.assumeRoles',
  Static: 'check that the key is still the same at the service',
}
