/** What a cloud shows of itself so that the promises of provider.ts can be tried on it. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { type Failure, isFailure } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { ServiceConnectorSpec } from '../api/service-connector.ts'
import type {
  BucketRequest,
  Grant,
  GrantRequest,
  Identity,
  Location,
  ProbeRequest,
  Provider,
  References,
  Resolved,
  Session,
  TrialRequest,
} from './provider.ts'

/**
 * How the service is. It `Denies` all permissions, `Refuses` the session's credentials, `RefusesToken` of a
 * ServiceAccount as expired, is `Odd` (refuses for a reason that nobody knows), `Gone` (breaks connections) or `Silent`
 * (never answers).
 */
export type Mood = 'Well' | 'Denies' | 'Refuses' | 'RefusesToken' | 'Odd' | 'Gone' | 'Silent'

export interface FakeBucket {
  /** Bytes by key. */
  objects: Map<string, number>
  /** Whatever else is set: versioning, rules, unfinished uploads. */
  settings: Map<string, string>
}

/** A cloud in memory, behind HTTP. Its refusals quote the whole request, with an id and a time. */
export interface FakeService {
  readonly buckets: Map<string, FakeBucket>
  mood: Mood
  /** Whether it ignores that issued credentials were narrowed. */
  open?: boolean
  /** Whether it refuses everything to issued credentials. */
  useless?: boolean
  /** All requests so far: `GET /bucket?list-type=2`. */
  readonly requests: string[]
  /** Requests without an answer whose caller still waits. */
  readonly underWay: ReadonlySet<string>
  /** How often it has refused the credentials. */
  refusals: number
}

/** A connector's spec, and what that names. */
export interface Given {
  spec: ServiceConnectorSpec
  /** Values in Secrets and ConfigMaps, by key. */
  values: Record<string, string | undefined>
  /** Annotations of the ServiceAccount. */
  annotations: Record<string, string>
  token: string
}

/** What granted credentials allow. */
export interface Rights {
  bucket: string
  prefix: string
  reads: boolean
  writes: boolean
  /** `ProviderLab.extraPermission` is among them. */
  extra: boolean
}

/** A provider, a connector for it, and the service to which that leads. */
export interface ProviderLab {
  provider: Provider
  service: FakeService
  given: Given
  /** Changes of what is given, each of which makes another identity. */
  others: Record<string, Partial<Given>>
  /** The spec of a connector to another service. */
  elsewhere: ServiceConnectorSpec
  /** Secret texts that must appear in no result. */
  secrets: string[]
  locationOf(bucket: string, prefix: string): Location
  rightsOf(grant: Grant): Rights
  /** Credentials as the provider may have granted them. */
  issued: CredentialMaterial
  /** Credentials have it only where a store requires it by name. */
  extraPermission: string
  /** What `spec.bucket` can ask for in this cloud, each beside `create`. */
  wishes: Pick<BucketRequest, 'versioning' | 'expirationDays'>[]
  /** What others may have set in a bucket, none of which may be lost. */
  settings: Record<string, string>
  /** Requests that callers share, so they go on when one caller gives up. */
  shared: RegExp
  close(): Promise<void>
}

/** A way to authenticate. */
export interface Way {
  name: string
  /** Keys that its Secret need not have. */
  optional?: string[]
  /** True if sessions opened this way expire. */
  ends?: true
  /** True if it authenticates with a ServiceAccount's token. */
  token?: true
  /** Its refusal is no Rejection, as opening another session would prove nothing. */
  unprovable?: true
  /** It is the operator's own identity: only what is pure is tried. */
  pureOnly?: true
}

export interface Contract {
  cloud: Provider['name']
  ways: Way[]
  createLab(way: string): Promise<ProviderLab>
}

export const none = new AbortController().signal
export const CONNECTOR = { namespace: 'ml', name: 'prod', uid: 'u-1' }

interface Change {
  connector?: Partial<Resolved['connector']>
  serviceAccount?: Partial<NonNullable<Resolved['serviceAccount']>>
}

/** As the resolver does it: nothing has a value but what the references name. */
export function resolve(references: References, given: Given, change: Change = {}): Resolved {
  const { keys, serviceAccount, operatorIdentity } = references
  const { annotations, token } = given
  const account = serviceAccount && { name: serviceAccount.name, annotations, token: async () => token }
  return {
    value: ({ kind, name, key }) =>
      keys.some(known => known.kind === kind && known.name === name && known.key === key)
        ? given.values[key]
        : undefined,
    ...(account ? { serviceAccount: { ...account, ...change.serviceAccount } } : {}),
    connector: { ...CONNECTOR, ...change.connector },
    ...(operatorIdentity ? { operatorIdentity: LOAN } : {}),
  }
}

/** How an administrator lends the operator's own identity to the connector: also for the services of these tests. */
const LOAN = {
  cluster: 'cluster-uid',
  endpoints: ['localhost', '127.0.0.1', '127.0.0.2', '127.0.0.3'],
  clientIds: ['default', 'other', '/subscriptions/other'],
}

export function succeeded<T>(result: T | Failure): T {
  assert.ok(!isFailure(result), inspect(result))
  return result
}

export function failed(result: unknown): Failure {
  assert.ok(isFailure(result), inspect(result))
  return result
}

type Subject = Pick<ProviderLab, 'provider' | 'given'>

export function identityOf({ provider, given }: Subject, other: Partial<Given> = {}, change?: Change): Identity {
  const all = { ...given, ...other }
  return succeeded(provider.identity(all.spec, resolve(provider.references(all.spec), all, change)))
}

export const open = async (lab: Subject): Promise<Session> => succeeded(await lab.provider.open(identityOf(lab), none))

/** A test with a lab of its own. */
export function labTest(
  { contract, way }: { contract: Contract; way: Way },
  name: string,
  run: (lab: ProviderLab, t: TestContext) => Promise<void>,
): void {
  test(`${contract.cloud} with ${way.name}: ${name}`, async t => {
    const lab = await contract.createLab(way.name)
    t.after(() => lab.close())
    await run(lab, t)
  })
}

export function fakeBucket(objects: Record<string, number> = {}): FakeBucket {
  return { objects: new Map(Object.entries(objects)), settings: new Map() }
}

/** Where the tests' store is. */
export const PREFIX = 'team/run/'

export const probeRequest = (lab: ProviderLab, change: Partial<ProbeRequest> = {}): ProbeRequest => ({
  location: lab.locationOf('data', PREFIX),
  encryption: { type: 'None' },
  writeProbe: 'Multipart',
  probeId: 'store-1',
  required: lab.provider.requiredPermissions([]),
  ...change,
})

export const grantRequest = (lab: ProviderLab, change: Partial<GrantRequest> = {}): GrantRequest => ({
  location: lab.locationOf('data', PREFIX),
  encryption: { type: 'None' },
  access: 'ReadWrite',
  durationMs: 30 * 60_000,
  sessionName: 'ml.prod.step',
  ...change,
})

export const trialRequest = (
  lab: ProviderLab,
  grant: Pick<Grant, 'material'>,
  change: Partial<TrialRequest> = {},
): TrialRequest => ({
  location: lab.locationOf('data', PREFIX),
  encryption: { type: 'None' },
  access: 'ReadWrite',
  grant,
  proven: lab.provider.requiredPermissions([]),
  trialId: 'store-1',
  mayWrite: true,
  ...change,
})

export const bucketRequest = (lab: ProviderLab, change: Partial<BucketRequest> = {}): BucketRequest => ({
  location: lab.locationOf('data', PREFIX),
  create: false,
  ruleId: 'artifactstore-1',
  ...change,
})

type Call = (lab: ProviderLab, session: Session, signal: AbortSignal) => Promise<unknown>

/** Every call of a session, as stores make it. */
export const CALLS: Record<string, Call> = {
  probe: (lab, session, signal) => session.probe(probeRequest(lab), signal),
  grant: (lab, session, signal) => session.grant(grantRequest(lab), signal),
  tryIssued: (lab, session, signal) => session.tryIssued(trialRequest(lab, { material: lab.issued }), signal),
  prepare: (lab, session, signal) => session.prepare(bucketRequest(lab, { create: true, ...lab.wishes[0] }), signal),
  resources: (_lab, session, signal) => session.resources({ patterns: [], max: 100 }, signal),
  measure: (lab, session, signal) =>
    session.measure({ location: lab.locationOf('data', PREFIX), source: 'List' }, signal),
}

/** A reason to end. It looks like a broken connection, as those of others may. */
export const stopped = (): Error => Object.assign(new Error('worker stopped'), { code: 'ECONNRESET' })

/** Fails where a text shows a secret. */
export function assertNoSecret(shown: unknown, { secrets }: Pick<ProviderLab, 'secrets'>): void {
  const text = inspect(shown, { depth: 20, maxStringLength: null, maxArrayLength: null }) + JSON.stringify(shown)
  for (const secret of secrets) assert.ok(!text.includes(secret), `"${secret}" is shown in ${text}`)
}
