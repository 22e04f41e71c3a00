/**
 * The key of the operator's seals, in a Secret of its own namespace. Whichever replica comes first makes it; each reads it
 * before its caches start, as they judge the seals of what they take in. Without it, nothing starts (docs/adr/0024).
 */
import { randomBytes } from 'node:crypto'
import { MANAGED_BY_LABEL, OPERATOR, SEAL_SECRET } from '../api/names.ts'
import { type KubeObject, type ObjectKey, objectKey } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { isConflict, isNotFound } from '../kube/errors.ts'
import { NAMESPACES, SECRETS } from '../kube/resource.ts'
import { createBackoff, type Random } from '../runtime/backoff.ts'
import { type Clock, sleep } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { createSeal, SEAL_KEY_BYTES, type Seal } from '../stores/plan/seal.ts'
import { type SealStep, sealTroubleOf, UnusableKey } from './seal-trouble.ts'

type KeySecret = KubeObject & { data?: Record<string, string> }

export interface SealKeyOptions {
  /** May write before this replica leads. */
  client: Pick<Client, 'get' | 'list' | 'create'>
  /** The operator's own. */
  namespace: string
  /** Whether nothing outside of namespaces may be read: the key's own uid then tells clusters apart (docs/adr/0039). */
  isNamespaced?: boolean
  clock: Clock
  random: Random
  log: Log
  /** Told once the key is there. */
  onLoaded?(): void
}

export interface LoadedSeal extends Seal {
  /** Resolves when the key is there, or when the signal aborts. Never rejects: what fails is logged and tried again. */
  load(signal: AbortSignal): Promise<void>
  /** A uid that no other cluster has. Undefined until the key is there. */
  cluster(): string | undefined
  /** Why the key is not there, and what to do, for anybody to see. Undefined while nothing has failed. */
  trouble(): string | undefined
}

const KEY = 'key'
/** Present in every cluster, and never made anew. */
const OLDEST_NAMESPACE = 'kube-system'

export function createLoadedSeal(options: SealKeyOptions): LoadedSeal {
  const { client, namespace, clock, random, log, isNamespaced = false, onLoaded = () => {} } = options
  const secretKey = objectKey(namespace, SEAL_SECRET)
  let seal: Seal | undefined
  let cluster: string | undefined
  let step: SealStep = 'read'
  let trouble: string | undefined

  function read(signal: AbortSignal): Promise<KeySecret> {
    step = 'read'
    return client.get<KeySecret>(SECRETS, namespace, SEAL_SECRET, { signal })
  }

  async function readOrMake(signal: AbortSignal): Promise<KeySecret> {
    try {
      return await read(signal)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    step = 'make'
    try {
      const made = await client.create<KeySecret>(SECRETS, newKey(namespace), { signal })
      log.info({ secret: secretKey }, 'made the key of the seals')
      return made
    } catch (error) {
      if (!isConflict(error)) throw error
      return read(signal)
    }
  }

  return {
    of(secret: ObjectKey, store: ObjectKey) {
      if (!seal) throw new Error('the key of the seals is not loaded')
      return seal.of(secret, store)
    },
    cluster: () => cluster,
    trouble: () => trouble,
    async load(signal) {
      const backoff = createBackoff({ baseMs: 1_000, capMs: 30_000, random })
      while (!seal && !signal.aborted) {
        try {
          const secret = await readOrMake(signal)
          const key = keyIn(secret, namespace)
          step = 'cluster'
          cluster = isNamespaced ? secret.metadata.uid : await readCluster(client, signal)
          seal = createSeal(key, cluster)
          trouble = undefined
          onLoaded()
        } catch (error) {
          if (signal.aborted) return
          trouble = sealTroubleOf(error, step, namespace)
          log.warn(
            { err: error, cure: trouble },
            'the key of the seals is not there, so nothing starts; it is tried again',
          )
          await sleep(clock, backoff.next(), signal)
        }
      }
    },
  }
}

function keyIn({ data }: KeySecret, namespace: string): Uint8Array {
  const key = Buffer.from(data?.[KEY] ?? '', 'base64')
  if (key.length === SEAL_KEY_BYTES) return key
  throw new UnusableKey(
    `Secret "${objectKey(namespace, SEAL_SECRET)}": "${KEY}" has not ${SEAL_KEY_BYTES} bytes: run "kubectl delete secret ${SEAL_SECRET} -n ${namespace}"; the operator makes a new one, and seals its Secrets again`,
  )
}

/** By a list, as the operator has no right to get a namespace. */
async function readCluster(client: Pick<Client, 'list'>, signal: AbortSignal): Promise<string> {
  const fieldSelector = `metadata.name=${OLDEST_NAMESPACE}`
  const { items } = await client.list(NAMESPACES, undefined, { fieldSelector, metadataOnly: true, signal })
  const [found] = items
  if (found) return found.metadata.uid
  throw new UnusableKey(
    `namespace "${OLDEST_NAMESPACE}" is not there, whose uid tells clusters apart; it is tried again`,
  )
}

const newKey = (namespace: string) => ({
  apiVersion: SECRETS.apiVersion,
  kind: SECRETS.kind,
  metadata: { name: SEAL_SECRET, namespace, labels: { [MANAGED_BY_LABEL]: OPERATOR } },
  type: 'Opaque',
  immutable: true,
  data: { [KEY]: randomBytes(SEAL_KEY_BYTES).toString('base64') },
})
