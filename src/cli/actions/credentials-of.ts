/** Finds the Secret with the credentials of a role, and reads it with the person's own rights. */
import { type ArtifactStore, ENV_SECRET_SUFFIX, type Format, secretNameOf } from '../../api/artifact-store.ts'
import { CREDENTIALS_PROJECTED, findCondition } from '../../api/conditions.ts'
import { EXPIRES_AT_ANNOTATION, ROLE_LABEL, STORE_LABEL, STORE_NAMESPACE_LABEL } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import { isNotFound } from '../../kube/errors.ts'
import { SECRETS } from '../../kube/resource.ts'
import type { Cluster } from '../cluster/connect.ts'
import { findStore } from '../cluster/find.ts'
import { guarded } from '../cluster/read.ts'
import { type HandedOut, handedOut } from '../credentials/handed-out.ts'
import type { Invocation } from '../frame/command.ts'
import { foundFailure, usageFailure } from '../frame/failures.ts'
import { harmless } from '../text/harmless.ts'

export interface Credentials extends HandedOut {
  store: ArtifactStore
  role: string
  /** Where they are. */
  secret: { namespace: string; name: string }
}

/** Formats that people's tools can read. The first one that an entry has is taken. */
type Readable = Extract<Format, 'AwsProfile' | 'Env'>

/**
 * `formats`: in the order in which they suit the command. `check`: throws for stores that the command is not for. Fails where
 * there are no credentials, or they have ended.
 */
export async function credentialsOf(
  cluster: Cluster,
  { arguments: [reference = '', role = ''], options, now, signal }: Invocation,
  formats: readonly Readable[],
  check: (store: ArtifactStore) => void = () => undefined,
): Promise<Credentials> {
  const store = await findStore(cluster, reference, signal)
  check(store)
  const secret = secretOf(store, role, { formats, target: options['target'] })
  const { data = {}, metadata } = await readSecret(cluster, secret, store, signal)
  const { labels = {}, annotations = {} } = metadata
  const { namespace: own, name } = store.metadata
  if (labels[STORE_LABEL] !== name || labels[STORE_NAMESPACE_LABEL] !== own || labels[ROLE_LABEL] !== role) {
    const what = `Secret "${secret.namespace}/${secret.name}" was not made for role "${role}" of store "${keyOf(store)}"`
    throw foundFailure(what, `see why with "kubectl artifactstore doctor ${name} -n ${own}"`)
  }
  const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  const found = handedOut(Object.fromEntries(texts), annotations[EXPIRES_AT_ANNOTATION])
  // What was edited may be of another cloud.
  if (!found || (found.cloud === 'aws') !== store.spec.path.startsWith('s3://')) {
    const what = `Secret "${secret.namespace}/${secret.name}" has no credentials that can be read`
    throw foundFailure(what, `have the operator write it again: "kubectl artifactstore refresh ${name} -n ${own}"`)
  }
  if (found.expiresAt !== undefined && Date.parse(found.expiresAt) <= now().getTime()) {
    throw foundFailure(
      `the credentials of role "${role}" of store "${keyOf(store)}" have ended at ${found.expiresAt}`,
      `see why they were not replaced with "kubectl artifactstore doctor ${name} -n ${own}"`,
    )
  }
  return { ...found, store, role, secret }
}

function secretOf(
  store: ArtifactStore,
  role: string,
  { formats, target }: { formats: readonly Readable[]; target: string | boolean | undefined },
): Credentials['secret'] {
  const { name, namespace = '' } = store.metadata
  const entries = store.spec.credentials ?? []
  const entry = entries.find(({ name }) => name === role)
  if (!entry) {
    const roles = entries.map(({ name }) => name).join(', ')
    const what = `store "${keyOf(store)}" has no role "${role}"`
    throw usageFailure(what, roles ? `choose one of ${roles}` : 'it has no spec.credentials: add an entry')
  }
  const format = formats.find(format => entry.formats.includes(format))
  if (!format) {
    throw usageFailure(
      `role "${role}" of store "${keyOf(store)}" has ${entry.formats.join(', ')}, and no format that this can read`,
      `add ${formats.join(' or ')} to spec.credentials[${role}].formats`,
    )
  }
  const base = secretNameOf(name, entry)
  const secretName = format === 'Env' && entry.formats.includes('AwsProfile') ? base + ENV_SECRET_SUFFIX : base
  const places = (store.status?.credentials ?? []).filter(one => one.name === role && one.secretName === secretName)
  const namespaces = places.map(one => one.namespace)
  const chosen = typeof target === 'string' ? target : (namespaces.find(one => one === namespace) ?? namespaces[0])
  // Status may have no room for all of them.
  if (chosen !== undefined && (namespaces.includes(chosen) || store.status?.credentialsOmitted)) {
    return { namespace: chosen, name: secretName }
  }
  if (namespaces.length > 0) {
    const what = `role "${role}" of store "${keyOf(store)}" has no Secret in namespace "${chosen}"`
    throw usageFailure(what, `choose one of ${namespaces.join(', ')} with --target`)
  }
  throw none(store, role)
}

function none(store: ArtifactStore, role: string) {
  const { name, namespace } = store.metadata
  const why = findCondition(store.status?.conditions, CREDENTIALS_PROJECTED)?.message
  return foundFailure(
    `role "${role}" of store "${keyOf(store)}" has no credentials now${why ? `: ${harmless(why)}` : ''}`,
    `see the cure with "kubectl artifactstore doctor ${name} -n ${namespace}"`,
  )
}

type Secret = KubeObject & { data?: Record<string, string> }

function readSecret(
  cluster: Cluster,
  { namespace, name }: Credentials['secret'],
  store: ArtifactStore,
  signal: AbortSignal,
): Promise<Secret> {
  return guarded(cluster, { verb: 'get', resource: SECRETS, namespace, name }, async () => {
    try {
      return await cluster.client.get<Secret>(SECRETS, namespace, name, { signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
      throw foundFailure(
        `Secret "${namespace}/${name}" is not there`,
        `the operator makes it again within seconds: else see "kubectl artifactstore doctor ${store.metadata.name} -n ${store.metadata.namespace}"`,
      )
    }
  })
}

/** Fails where people would see credentials that they have not asked to see. */
export function checkSeen({ isSeen, options, globals }: Invocation, cure: string): void {
  if (isSeen && options['show'] !== true && globals.output !== 'name')
    throw usageFailure('credentials are not shown on a terminal, where they stay in its history', cure)
}
