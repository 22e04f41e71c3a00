/**
 * Pure: keys for Argo Workflows, and `artifact-repository.yaml`, which refers to them and contains no secret: it goes
 * into a ConfigMap for `artifactRepositoryRef`, or into a workflow. Pods read the keys when they start and when they
 * end.
 */
import type { Failure } from '../api/failures.ts'
import type { RenderContext, SecretFormat } from './format.ts'
import { CA_KEY, caData, formatNotAvailable } from './values.ts'
import { misread } from './writable.ts'

/** Argo's own default for names of objects, put below the store's prefix. */
const OBJECT_NAME = '{{workflow.name}}/{{pod.name}}'

export const argoWorkflows: SecretFormat = {
  aws(material, { secretName, encryption }) {
    const { accessKeyId, secretAccessKey, sessionToken, region, url, bucket, prefix, caPem } = material
    const { host, protocol } = new URL(url)
    const templated = misread({ secretName, bucket, host, region, prefix, kmsKeyId: encryption.kmsKeyId }, TEMPLATE)
    if (templated) return wouldReplace(templated)
    const selector = (key: string) => ({ name: secretName, key })
    const s3 = {
      bucket,
      endpoint: host,
      region,
      insecure: protocol === 'http:',
      keyFormat: prefix + OBJECT_NAME,
      accessKeySecret: selector('accessKey'),
      secretKeySecret: selector('secretKey'),
      sessionTokenSecret: sessionToken ? selector('sessionToken') : undefined,
      caSecret: caPem ? selector(CA_KEY) : undefined,
      encryptionOptions: encryptionOptions(encryption),
    }
    return {
      accessKey: accessKeyId,
      secretKey: secretAccessKey,
      ...(sessionToken && { sessionToken }),
      'artifact-repository.yaml': yaml({ s3 }),
      ...caData(material),
    }
  },

  azure(material, { secretName }) {
    const { blobEndpoint, container, prefix, sasToken } = material
    const templated = misread({ secretName, blobEndpoint, container, prefix }, TEMPLATE)
    if (templated) return wouldReplace(templated)
    const azure = {
      endpoint: blobEndpoint,
      container,
      blobNameFormat: prefix + OBJECT_NAME,
      // Argo takes a SAS token here too, and sees that it is no key.
      accountKeySecret: { name: secretName, key: 'accountKey' },
    }
    return { accountKey: sasToken, 'artifact-repository.yaml': yaml({ azure }), ...caData(material) }
  },
}

/** What Argo replaces wherever it finds it. */
const TEMPLATE = /\{\{/

const wouldReplace = (name: string): Failure =>
  formatNotAvailable('ArgoWorkflows', `would replace {{...}} in ${name}`, 'use another value, or another format')

const encryptionOptions = ({ type, kmsKeyId }: RenderContext['encryption']): Tree | undefined =>
  type === 'None' ? undefined : { enableEncryption: true, kmsKeyId }

interface Tree {
  [key: string]: string | boolean | Tree | undefined
}

/** Writes a tree as YAML, in which texts are written as in JSON. */
const yaml = (tree: Tree, indent = ''): string =>
  Object.entries(tree)
    .map(([key, value]) => {
      if (value === undefined) return ''
      const text = typeof value === 'object' ? `\n${yaml(value, `${indent}  `)}` : ` ${JSON.stringify(value)}\n`
      return `${indent}${key}:${text}`
    })
    .join('')
