/** The refusals of Entra, with its codes, statuses and words. */
import { randomUUID } from 'node:crypto'
import type { Reply } from './emulator.ts'

export class Refusal extends Error {
  readonly code: number
  readonly status: number
  readonly error: string

  /** `error`: the error code of OAuth, such as `invalid_client`. */
  constructor(code: number, status: number, error: string, text: string) {
    super(text)
    this.code = code
    this.status = status
    this.error = error
  }
}

const invalidClient = (code: number, text: string) => new Refusal(code, 401, 'invalid_client', text)
const invalidRequest = (code: number, text: string) => new Refusal(code, 400, 'invalid_request', text)

const checkCredential =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ' +
  'https://learn.microsoft.com/entra/workload-id/workload-identity-federation'

const noMatch = (code: number, what: string, value: string, hint = '') =>
  invalidClient(
    code,
    `No matching federated identity record found for presented assertion ${what} '${value}'. ${hint}${checkCredential}`,
  )

export const refusals = {
  onlyPost: (method: string) =>
    invalidRequest(900561, `The endpoint only accepts POST requests. Received a ${method} request.`),
  tenantNotFound: (tenant: string) =>
    new Refusal(
      90002,
      400,
      'invalid_tenant',
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct ` +
        'cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.',
    ),
  parameterMissing: (name: string) =>
    invalidRequest(900144, `The request body must contain the following parameter: '${name}'.`),
  unsupportedGrant: (grant: string) =>
    new Refusal(70003, 400, 'unsupported_grant_type', `The app requested an unsupported grant type '${grant}'.`),
  appNotFound: (client: string, tenant: string) =>
    new Refusal(
      700016,
      400,
      'unauthorized_client',
      `Application with identifier '${client}' was not found in the directory '${tenant}'. This can happen if the ` +
        'application has not been installed by the administrator of the tenant or consented to by any user in the tenant. ' +
        'You may have sent your authentication request to the wrong tenant.',
    ),
  scopeNotValid: (scope: string) =>
    new Refusal(
      70011,
      400,
      'invalid_scope',
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' ` +
        `is not valid. The scope ${scope} is not valid.`,
    ),
  scopeNotDefault: (scope: string) =>
    new Refusal(
      1002012,
      400,
      'invalid_scope',
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
        '/.default suffixed to the resource identifier (application ID URI).',
    ),
  resourceNotFound: (resource: string, tenant: string) =>
    new Refusal(
      500011,
      400,
      'invalid_resource',
      `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the ` +
        'application has not been installed by the administrator of the tenant or consented to by any user in the tenant. ' +
        'You might have sent your authentication request to the wrong tenant.',
    ),
  credentialMissing: () =>
    invalidClient(
      7000216,
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    ),
  secretInvalid: (client: string) =>
    invalidClient(
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the ' +
        `client secret ID, for a secret added to app '${client}'.`,
    ),
  secretExpired: (client: string) =>
    invalidClient(
      7000222,
      `The provided client secret keys for app '${client}' are expired. Visit the Azure portal to create new keys for ` +
        'your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: ' +
        'https://aka.ms/certCreds.',
    ),
  assertionMalformed: () => invalidRequest(50027, 'JWT token is invalid or malformed.'),
  algorithmUnsupported: (algorithm: string) =>
    invalidRequest(5002738, `Invalid JWT token. '${algorithm}' is not a supported signature algorithm.`),
  notFederated: (client: string) =>
    invalidClient(70025, `The client '${client}'(test) has no configured federated identity credentials.`),
  issuerUnknown: (issuer: string) => noMatch(700211, 'issuer', issuer),
  audienceUnknown: (audience: string) => noMatch(700212, 'audience', audience),
  subjectUnknown: (subject: string) => noMatch(700213, 'subject', subject),
  subjectCaseDiffers: (subject: string) =>
    noMatch(
      7002138,
      'subject',
      subject,
      'The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ',
    ),
  issuerUnreachable: () => invalidRequest(50166, 'Request to External OIDC endpoint failed.'),
  keyUnknown: (kid: string, issuer: string) =>
    invalidClient(
      7000272,
      `The certificate with identifier ${kid} used to sign the federated credential could not be found in the metadata ` +
        `of identity provider ${issuer}. Please validate that your Identity Provider's metadata exposes the key used to ` +
        'sign the incoming token.',
    ),
  signatureWrong: () =>
    invalidClient(
      700027,
      'Client assertion failed signature validation. [Reason - The provided signature value did not match the expected ' +
        'signature value.]',
    ),
  outOfTime: (now: Date, from: Date, until: Date) =>
    invalidClient(
      700024,
      `Client assertion is not within its valid time range. Current time: ${now.toISOString()}, assertion valid from ` +
        `${from.toISOString()}, expiry time of assertion ${until.toISOString()}. Review the documentation at ` +
        'https://learn.microsoft.com/entra/identity-platform/certificate-credentials .',
    ),
}

/** The answer as Entra writes it: its description ends with ids and a time, which are different each time. */
export function refusalReply(refusal: Refusal, correlationId: string = randomUUID()): Reply {
  const traceId = randomUUID()
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`
  const trailer = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`
  return {
    status: refusal.status,
    body: {
      error: refusal.error,
      error_description: `AADSTS${refusal.code}: ${refusal.message} ${trailer}`,
      error_codes: [refusal.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${refusal.code}`,
    },
  }
}
