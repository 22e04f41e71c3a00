/** Asks the API server for an object that a connector names and that the caches lack. */
import { type Failure, transient } from '../api/failures.ts'
import { CREDENTIALS_LABEL } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { LookUp } from '../connectors/look-up.ts'
import type { Client } from '../kube/client.ts'
import { isFailedCall, isNotFound } from '../kube/errors.ts'
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../kube/resource.ts'
import type { Informer } from '../runtime/informer.ts'
import type { Caches } from './caches.ts'

export type LateCaches = {
  [name in 'secrets' | 'configMaps' | 'serviceAccounts']: Pick<Caches[name], 'observe'>
}

export function createLookUp(client: Pick<Client, 'get'>, caches: LateCaches): LookUp {
  return async ({ kind, namespace, name }, signal) => {
    try {
      if (kind === 'ServiceAccount') {
        caches.serviceAccounts.observe(
          await client.get(SERVICE_ACCOUNTS, namespace, name, { metadataOnly: true, signal }),
        )
        return 'cached'
      }
      const resource = kind === 'Secret' ? SECRETS : CONFIG_MAPS
      // Metadata comes first: the operator must not read the data of a Secret without the label.
      const metadata = await client.get(resource, namespace, name, { metadataOnly: true, signal })
      if (!isLabelled(metadata)) return 'unlabelled'
      const object = await client.get<KubeObject>(resource, namespace, name, { signal })
      if (!isLabelled(object)) return 'unlabelled'
      const cache: Pick<Informer<KubeObject>, 'observe'> = kind === 'Secret' ? caches.secrets : caches.configMaps
      cache.observe(object)
      return 'cached'
    } catch (error) {
      if (isNotFound(error)) return 'absent'
      if (isFailedCall(error)) return notRead(kind, namespace, name)
      throw error
    }
  }
}

const notRead = (kind: string, namespace: string, name: string): Failure =>
  transient(
    'ReferenceNotRead',
    `${kind} "${namespace}/${name}" could not be read from the API server; it is tried again`,
  )

const isLabelled = ({ metadata }: KubeObject): boolean => metadata.labels?.[CREDENTIALS_LABEL] === 'true'
