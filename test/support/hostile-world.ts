/** A store and its connector whose every text may be hostile, and both reconcilers over them. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type * as z from 'zod'
import { type ArtifactStoreSpec, artifactStoreStatusSchema } from '../../src/api/artifact-store.ts'
import { type ServiceConnectorSpec, serviceConnectorStatusSchema } from '../../src/api/service-connector.ts'
import { Listings } from '../../src/connectors/listing.ts'
import type { Providers } from '../../src/connectors/plan.ts'
import { reconcileConnector } from '../../src/connectors/reconcile.ts'
import type { SessionSource } from '../../src/providers/provider.ts'
import type { Outcome } from '../../src/runtime/outcome.ts'
import { reconcileStore } from '../../src/stores/reconcile.ts'
import { noTracer } from '../../src/telemetry/tracer.ts'
import { hostileText } from './hostile-values.ts'
import { connector, fakeView, store } from './objects.ts'
import { going, storeLab } from './store-context.ts'

export interface World {
  connector: ServiceConnectorSpec
  store: ArtifactStoreSpec
  /** Texts of all Secrets and ConfigMaps, by key. */
  values: Record<string, string>
  /** Of the ServiceAccount. */
  annotations: Record<string, string>
  /** Of the connector and the store. */
  requests: Record<string, string>
  token: string
}

/** Part of every secret of a world, however hostile that is. */
export const SECRET = 'hush'

/** Values that no status may show. */
const SECRET_VALUES: Record<string, (text: string) => string> = {
  aws_secret_access_key: text => `${text}${SECRET}`,
  aws_session_token: text => `${text}${SECRET}`,
  account_key: text => `${text}${SECRET}`,
  client_secret: text => `${text}${SECRET}`,
  sas_token: text => `sv=1&sr=c&sig=${SECRET}${text}`,
  connection_string: text => `AccountName=acme;AccountKey=${SECRET};${text}`,
}

type Path = string[]

const pathsOf = (tree: unknown, path: Path = []): Path[] =>
  typeof tree === 'object' && tree !== null
    ? Object.entries(tree).flatMap(([key, value]) => [[...path, key], ...pathsOf(value, [...path, key])])
    : []

function put(tree: object, path: Path, value: unknown): void {
  const owner = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), tree)
  const name = path.at(-1) ?? ''
  if (typeof owner !== 'object' || owner === null) return
  if (value === undefined) Reflect.deleteProperty(owner, name)
  else Reflect.set(owner, name, value)
}

/** What the API server might let in where a spec has something else; undefined: nothing at all. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(undefined, null, 0, -1, 1e308, true, '', [], {}, [null], [{}], 'None') },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
)

const picks = <T>(value: fc.Arbitrary<T>, maxLength: number) => fc.array(fc.tuple(fc.nat(), value), { maxLength })

/** One of the worlds, with some of its parts exchanged. */
export const hostileWorlds = (worlds: readonly World[], { specs = 2, texts = 2 } = {}): fc.Arbitrary<World> =>
  fc
    .tuple(fc.constantFrom(...worlds), picks(anything, specs), picks(hostileText, texts))
    .map(([world, inSpecs, inTexts]) => {
      const { connector, store, ...rest } = structuredClone(world)
      const all = { connector, store }
      for (const [index, value] of inSpecs) {
        // The specs themselves are objects, as the API server knows that much.
        const paths = pathsOf(all).filter(path => path.length > 1)
        put(all, paths[index % paths.length] ?? [], value)
      }
      for (const [index, text] of inTexts) {
        const paths = pathsOf(rest).filter(
          path => typeof path.reduce<unknown>((at, key) => Reflect.get(Object(at), key), rest) === 'string',
        )
        const path = paths[index % paths.length] ?? []
        const key = path.at(-1) ?? ''
        put(rest, path, path[0] === 'token' ? `${text}${SECRET}` : (SECRET_VALUES[key]?.(text) ?? text))
      }
      return { ...all, ...rest }
    })

interface Operator {
  providers: Providers
  sessions: SessionSource
  signal: AbortSignal
  now: () => Date
  /** The store is being deleted. */
  going?: boolean
}

/** Reconciles both objects, and fails where one of them throws, says nothing, or says what it must not. */
export async function reconcileWorld(world: World, operator: Operator): Promise<Written> {
  const { values, annotations: account, token, requests } = world
  const { providers, sessions, signal, now, going: isGoing = false } = operator
  const of = connector({ spec: world.connector })
  of.metadata.annotations = requests
  const view = fakeView({
    keyValues: () => ({ values }),
    serviceAccount: (namespace, name) => ({ namespace, name, uid: 'u', annotations: account }),
    allowedAudiences: ['sts.amazonaws.com', 'api://AzureADTokenExchange'],
    token: async () => token,
    connector: () => of,
  })
  const written: Written = { secrets: [] }
  const lab = storeLab({ view, providers, sessions, now })
  const write = lab.context.writer.write
  lab.context.writer.write = async (secret, signal) => {
    written.secrets.push(secret.data)
    return write(secret, signal)
  }
  const wanting = store(world.store)
  wanting.metadata.annotations = requests
  const outcome = await reconcileStore(isGoing ? going(wanting) : wanting, lab.context, signal)
  const isGone = isGoing && lab.calls.includes('remove')
  if (!isGone) assertSaid(outcome, artifactStoreStatusSchema)
  assert.ok(!JSON.stringify(lab.calls).includes(SECRET), 'the log shows a secret')

  const context = {
    view,
    providers,
    sessions,
    now,
    monotonic: () => now().getTime(),
    storesUsing: () => 1,
    reachOf: () => undefined,
    lookUp: lab.context.lookUp,
    tracer: noTracer,
    listings: new Listings(),
  }
  assertSaid(await reconcileConnector(of, context, signal), serviceConnectorStatusSchema)
  return written
}

export interface Written {
  /** The data of Secrets that were written. */
  secrets: Record<string, string>[]
}

/** Reasons of what is well, which have no message. */
const SAY_IT_ALL = new Set(['Reachable', 'PermissionsVerified'])

/** A status that the CRD takes, with conditions that say something. */
export function assertSaid({ status, events = [], next }: Outcome<object>, schema: z.ZodType): void {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; reason: string; message: string }[] }
  assert.ok(
    conditions.some(({ type }) => type === 'Ready'),
    'it says nothing',
  )
  for (const { reason, message } of conditions) {
    assert.match(reason, /^[A-Z][A-Za-z0-9]*$/)
    assert.ok(message.trim() !== '' || SAY_IT_ALL.has(reason), `${reason} without a message`)
  }
  const { error } = schema.safeParse(status)
  assert.equal(error, undefined, error?.message)
  assertUnique(status ?? {})
  const told = JSON.stringify([status, events, next])
  assert.ok(told.length < 256 * 1024, `${told.length} characters`)
  assert.ok(!told.includes(SECRET), `a secret is shown: ${told.slice(0, 2_000)}`)
}

/** Keys of lists in status that are maps: the API server refuses one with a key twice. */
const KEYS: Record<string, string[]> = {
  conditions: ['type'],
  permissions: ['action'],
  credentials: ['namespace', 'secretName'],
  resources: ['uri'],
}

function assertUnique(status: object): void {
  for (const [list, keys] of Object.entries(KEYS)) {
    const entries: object[] = Reflect.get(status, list) ?? []
    const seen = entries.map(entry => JSON.stringify(keys.map(key => Reflect.get(entry, key))))
    assert.deepEqual(seen, [...new Set(seen)], list)
  }
}
