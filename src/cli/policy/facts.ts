/** Pure: what of the cluster policies depend on besides connectors and stores. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { directoryIdOf, roleArnOf } from '../../foreign/text.ts'
import { hole, type Unknown, withoutHoles } from './holes.ts'

export interface ClusterFacts {
  /** Issuer of the tokens of ServiceAccounts; undefined where the person may not read it. */
  issuer?: string
  /** Annotations of the connector's ServiceAccount; undefined where it is not there, or may not be read. */
  annotations?: Readonly<Record<string, string>>
  /** Uid of namespace kube-system; undefined where it may not be read. */
  cluster?: string
  /** Stores of all connectors with the same identity, as far as they may be read; undefined where nobody has looked. */
  stores?: readonly ArtifactStore[]
  /** Why there may be more of them. */
  unread?: string
}

export const ISSUER_HOST: Unknown = {
  name: 'ISSUER_HOST',
  how: 'issuer of the cluster without https://: somebody who may read it finds it by "kubectl get --raw /.well-known/openid-configuration"',
}

/**
 * The role that the ServiceAccount names. An annotation may be any text: one that is no ARN of a role is as good as none, as
 * it is to the operator.
 */
export const annotatedRole = ({ annotations = {} }: ClusterFacts): string | undefined =>
  roleArnOf(annotations['eks.amazonaws.com/role-arn']?.trim())

/** The client of Entra that the ServiceAccount names. */
export const annotatedClient = ({ annotations = {} }: ClusterFacts): string | undefined =>
  directoryIdOf(annotations['azure.workload.identity/client-id']?.trim())

/** URL of the issuer. */
export const issuerOf = ({ issuer }: ClusterFacts): string =>
  issuer === undefined ? `https://${hole(ISSUER_HOST.name)}` : withoutHoles(issuer)
