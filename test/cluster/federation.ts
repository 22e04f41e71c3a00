/** Workload identity federation: Entra's check of a foreign token that an application shows instead of a secret. */
import type { JsonWebKey } from 'node:crypto'
import { refusals } from './entra-refusals.ts'
import { createCaller } from './https.ts'
import { isSignedBy, type Jwt, parseJwt } from './jwt.ts'

export interface FederatedCredential {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
}

const clockSkewMs = 5 * 60_000

/** Throws a `Refusal` of a bad assertion. `issuerCaPem`: the CA to trust when asking issuers for their keys. */
export async function checkAssertion(
  assertion: string,
  clientId: string,
  credentials: readonly FederatedCredential[],
  issuerCaPem: string,
): Promise<void> {
  const jwt = parseJwt(assertion)
  if (!jwt) throw refusals.assertionMalformed()
  const { alg } = jwt.header
  if (alg !== 'RS256') throw refusals.algorithmUnsupported(String(alg))
  matchCredential(jwt, clientId, credentials)
  await checkSignature(jwt, issuerCaPem)
  checkTimes(jwt, new Date())
}

function matchCredential({ claims }: Jwt, clientId: string, credentials: readonly FederatedCredential[]): void {
  if (credentials.length === 0) throw refusals.notFederated(clientId)
  const issuer = String(claims['iss'])
  const subject = String(claims['sub'])
  const audiences = [claims['aud']].flat().map(String)

  const ofIssuer = credentials.filter(credential => credential.issuer === issuer)
  if (ofIssuer.length === 0) throw refusals.issuerUnknown(issuer)
  const ofAudience = ofIssuer.filter(({ audience }) => audiences.includes(audience))
  if (ofAudience.length === 0) throw refusals.audienceUnknown(audiences.join(' '))
  if (ofAudience.some(credential => credential.subject === subject)) return
  const sameButCase = ofAudience.some(credential => credential.subject.toLowerCase() === subject.toLowerCase())
  throw sameButCase ? refusals.subjectCaseDiffers(subject) : refusals.subjectUnknown(subject)
}

async function checkSignature(jwt: Jwt, issuerCaPem: string): Promise<void> {
  const [issuer, kid] = [String(jwt.claims['iss']), String(jwt.header['kid'])]
  const keys = await fetchKeys(issuer, issuerCaPem).catch(() => {
    throw refusals.issuerUnreachable()
  })
  const key = keys.find(key => key['kid'] === kid)
  if (!key) throw refusals.keyUnknown(kid, issuer)
  if (!isSignedBy(jwt, key)) throw refusals.signatureWrong()
}

/** Fetches the keys for each check, as an issuer may have been stopped or may have new keys. */
async function fetchKeys(issuer: string, caPem: string): Promise<JsonWebKey[]> {
  const discovery = await getJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, caPem)
  if (discovery['issuer'] !== issuer) throw new Error(`${issuer} says that it is ${discovery['issuer']}`)
  return (await getJson(String(discovery['jwks_uri']), caPem))['keys'] as JsonWebKey[]
}

async function getJson(address: string, caPem: string): Promise<Record<string, unknown>> {
  const { origin, pathname } = new URL(address)
  const caller = createCaller(origin, { ca: caPem })
  try {
    const { status, json } = await caller.request('GET', pathname)
    if (status !== 200 || !json) throw new Error(`${address} answered ${status}`)
    return json
  } finally {
    caller.close()
  }
}

function checkTimes({ claims }: Jwt, now: Date): void {
  const from = new Date(Number(claims['nbf'] ?? 0) * 1000)
  const until = new Date(Number(claims['exp'] ?? 0) * 1000)
  const early = now.getTime() < from.getTime() - clockSkewMs
  if (early || now.getTime() > until.getTime() + clockSkewMs) throw refusals.outOfTime(now, from, until)
}
