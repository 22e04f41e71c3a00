/** deploy/samples/web-identity with this machine's endpoint, role and CA: a kustomize overlay, as a user would write it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export interface OverlayValues {
  endpoint: string
  roleArn: string
  caPem: string
  /** Where the demo's consumer finds its Secret: there is no kubelet here. */
  mountPath: string
}

export function writeOverlay(directory: string, { endpoint, roleArn, caPem, mountPath }: OverlayValues): void {
  const sample = relative(directory, join(import.meta.dirname, '../../deploy/samples/web-identity'))
  const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })
  const add = (path: string, value: unknown) => ({ op: 'add', path, value })
  const patches = [
    patch('ServiceConnector', [
      replace('/spec/aws/endpoint', endpoint),
      replace('/spec/aws/auth/webIdentity/roleArn', roleArn),
    ]),
    patch('ConfigMap', [replace('/data/ca.crt', caPem)]),
    patch('ArtifactStore', [
      add('/spec/credentials/0/mountPath', mountPath),
      // The shortest there is: SDKs then look for new credentials at every use, and the demo needn't wait.
      add('/spec/credentials/0/duration', '15m'),
    ]),
  ]
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [sample],
    patches,
  }
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'kustomization.yaml'), JSON.stringify(kustomization, undefined, 2))
}

const patch = (kind: string, operations: object[]) => ({ target: { kind }, patch: JSON.stringify(operations) })
