/** Credentials that the operator itself runs with: of its environment, IRSA, Pod Identity or an instance role. */
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { withDeadline } from '../../../async/deadline.ts'
import { answerOfError } from '../answers/answer.ts'
import type { handlerOptions } from '../calls/clients.ts'
import type { AccessKey } from '../identity/auth.ts'

export interface ImplicitKey {
  key: AccessKey
  /** Undefined for keys that do not end. */
  expiresAt: Date | undefined
}

const DEADLINE_MS = 10_000
/** Deadline of a request to a metadata or container endpoint, which is near; the SDK pauses as long before a retry. */
const REQUEST_MS = 1_000

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

export interface ImplicitOptions {
  now: () => Date
  /** Options of requests to STS for a role of the operator. Metadata and container endpoints get the SDK's own. */
  handlerOptions: ReturnType<typeof handlerOptions>
}

/** Asks a new chain of the SDK each time: a chain keeps the credentials that it got, and the files that it has read. */
export async function implicitKey(
  { now, handlerOptions }: ImplicitOptions,
  signal: AbortSignal,
): Promise<ImplicitKey | Failure> {
  const provide = defaultProvider({
    ...{ timeout: REQUEST_MS, maxRetries: 1, ignoreCache: true, logger: silent },
    clientConfig: { requestHandler: handlerOptions, userAgentAppId: 'artifact-store-operator' },
  })
  try {
    // The chain of the SDK takes no signal.
    const found = await withDeadline(DEADLINE_MS, signal, () => provide())
    const { accessKeyId, secretAccessKey, sessionToken, expiration: expiresAt } = found
    if (expiresAt && expiresAt <= now()) return unavailable('they have expired')
    return { key: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }, expiresAt }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    return implicitFailure(error, process.env)
  }
}

/** Sources that the chain calls over the network, with the variable that makes it call them. */
const SOURCES: [variable: string, what: string][] = [
  ['AWS_PROFILE', 'the profile of AWS_PROFILE'],
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'the role of AWS_ROLE_ARN'],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'the endpoint of AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'the endpoint of AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'],
]

/** Pure: the failure when the operator has no credentials. */
export function implicitFailure(error: unknown, environment: Record<string, string | undefined>): Failure {
  const source = SOURCES.find(([variable]) => environment[variable])?.[1]
  if (!source) {
    return stalled(
      'NoImplicitIdentity',
      "spec.aws.auth.implicit: the operator has no AWS identity: give its ServiceAccount a role by EKS Pod Identity or IRSA, or let its pod reach the instance's metadata service (hop limit 2)",
    )
  }
  const answer = answerOfError(error)
  const { status = 0, code = `HTTP ${status}` } = answer ?? {}
  if (status >= 400 && status < 500 && status !== 429) {
    return stalled(
      'NoImplicitIdentity',
      `spec.aws.auth.implicit: ${source} gives the operator no credentials (${code}): correct the role's trust policy, or the operator's ServiceAccount`,
    )
  }
  return unavailable(`${source} gives none`)
}

const unavailable = (why: string): Failure =>
  transient(
    'ImplicitIdentityUnavailable',
    `spec.aws.auth.implicit: no credentials of the operator's own identity: ${why}: check its environment and the agent that serves them`,
  )
