/** Pure: what `policy` has to say, before it is written in one form or another. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { Assignment } from '../../providers/azure/needs/roles.ts'
import type { Grant } from '../../providers/s3/needs/grants.ts'
import type { ClusterFacts } from './facts.ts'
import type { Unknown } from './holes.ts'

/** What the policies are for. */
export interface SheetOf {
  kind: 'connector' | 'store'
  namespace: string
  name: string
  /** Key of the connector. */
  connector: string
  /** Keys of the stores whose needs are in it. */
  stores: string[]
}

export interface Subject {
  connector: ServiceConnector
  stores: readonly ArtifactStore[]
  /** What the policies are for. */
  of: SheetOf
  facts: ClusterFacts
  /** Other stores with the same identity, which have policies of their own. */
  others: readonly ArtifactStore[]
  /** Uid of what the policies are for; empty where it is not known. */
  uid: string
  /** The account of the buckets, where it is another than that of the identity. */
  bucketAccount?: string
}

interface Common {
  of: SheetOf
  unknowns: Unknown[]
  /** What to know besides, a sentence each. */
  notes: string[]
}

export interface S3Sheet extends Common {
  cloud: 'AWS' | 'S3'
  grants: Grant[]
}

/** How a client of Entra is trusted by the tokens of a ServiceAccount. */
export interface FederatedCredential {
  name: string
  issuer: string
  subject: string
  audience: string
}

export interface AzureSheet extends Common {
  cloud: 'Azure'
  accountName: string
  /** Present for identities of Entra. */
  entra?: { clientId: string; federated?: FederatedCredential; assignments: Assignment[] }
  /** Present for SAS tokens: what `sp` must have, and whether the token must be of the account. */
  sas?: { letters: string; container?: string; why: string }
}

export type Sheet = S3Sheet | AzureSheet
