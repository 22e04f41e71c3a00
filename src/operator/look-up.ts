/** Asks the API server for an object that a connector names and that the caches lack, or for its values. */
import { type Failure, transient } from '../api/failures.ts'
import { CREDENTIALS_LABEL } from '../api/names.ts'
import { type KubeObject, objectKey } from '../api/object.ts'
import type { LookUp } from '../connectors/look-up.ts'
import type { Client } from '../kube/client.ts'
import { isFailedCall, isNotFound } from '../kube/errors.ts'
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../kube/resource.ts'
import type { Caches } from './caches.ts'
import type { ReferencedValues } from './referenced-values.ts'

export type LateCaches = {
  [name in 'secrets' | 'configMaps']: Pick<Caches[name], 'observe'> & { cache: Pick<Caches[name]['cache'], 'get'> }
} & { serviceAccounts: Pick<Caches['serviceAccounts'], 'observe'> }

export function createLookUp(
  client: Pick<Client, 'get'>,
  caches: LateCaches,
  values: Pick<ReferencedValues, 'read'>,
): LookUp {
  return async ({ kind, namespace, name, keys = [] }, signal) => {
    try {
      if (kind === 'ServiceAccount') {
        caches.serviceAccounts.observe(
          await client.get(SERVICE_ACCOUNTS, namespace, name, { metadataOnly: true, signal }),
        )
        return 'cached'
      }
      const resource = kind === 'Secret' ? SECRETS : CONFIG_MAPS
      const late = kind === 'Secret' ? caches.secrets : caches.configMaps
      // Metadata comes first: the operator must not read the data of a Secret without the label.
      if (!late.cache.get(objectKey(namespace, name))) {
        const metadata = await client.get(resource, namespace, name, { metadataOnly: true, signal })
        if (!isLabelled(metadata)) return 'unlabelled'
      }
      const object = await values.read(kind, namespace, name, { keys, accept: isLabelled, signal })
      if (!isLabelled(object)) return 'unlabelled'
      late.observe(object)
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

export const isLabelled = ({ metadata }: KubeObject): boolean => metadata.labels?.[CREDENTIALS_LABEL] === 'true'
