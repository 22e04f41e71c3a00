/** Creates a container where `spec.bucket` asks for it. The container and its content are never deleted. */
import { type Failure, stalled } from '../../api/failures.ts'
import { isOk } from '../network/answer.ts'
import type { BucketRequest, Prepared } from '../provider.ts'
import { saidIn } from '../said.ts'
import type { BlobCalls } from './calls.ts'
import { type Asked, failureOf } from './failures.ts'

const WRITE_CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers/write'

/** Changes nothing the second time. The other wishes of `request` never come here: the API server refuses them. */
export async function prepareContainer(
  calls: Pick<BlobCalls, 'listBlobs' | 'createContainer'>,
  { location, create }: BucketRequest,
  context: Asked,
  signal: AbortSignal,
): Promise<Prepared | Failure> {
  const { bucket: container, prefix } = location
  const nothing: Prepared = { kind: 'prepared', changes: [] }
  if (!create) return nothing
  // Looking first: where the container exists, the identity needs no right to create one.
  const found = await calls.listBlobs(container, prefix, signal)
  if (found.code !== 'ContainerNotFound') {
    return (isOk(found) ? undefined : failureOf(found, { ...context, container })) ?? nothing
  }
  const created = await calls.createContainer(container, signal)
  if (isOk(created)) return { kind: 'prepared', changes: ['created the container'] }
  if (created.code === 'ContainerAlreadyExists') return nothing
  const failure = failureOf(created, { ...context, container })
  if (failure) return failure
  const { accountName } = context.identity
  const cure = `assign it the role "Storage Blob Data Contributor" on storage account "${accountName}", or create the container`
  if (created.status === 403) {
    return stalled(
      'PermissionDenied',
      `${WRITE_CONTAINERS} denied on container "${container}" for ${context.who}${saidIn(created)}: ${cure}`,
    )
  }
  return stalled(
    'ContainerNotCreated',
    `${context.identity.blob.host} answered HTTP ${created.status} ${created.code} to CreateContainer of "${container}"${saidIn(created)}: create it yourself`,
  )
}
