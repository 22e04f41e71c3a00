/** The services of the conformance suite, and what each of them must be found to do. */

import { whyNoGarage } from '../cluster/service-tools.ts'
import { startCeph } from '../cluster/services/ceph.ts'
import { whyNoCeph } from '../cluster/services/ceph-programs.ts'
import { startGarage } from '../cluster/services/garage.ts'
import { startMinioService } from '../cluster/services/minio.ts'
import { startMotoService } from '../cluster/services/moto.ts'
import { classicKey, startSeaweed } from '../cluster/services/seaweed.ts'
import type { Issuer, Key, S3Service } from '../cluster/services/service.ts'
import { startVersity, startVersityIam } from '../cluster/services/versity.ts'
import type { WayName } from './found.ts'

export interface Row {
  service: string
  start(issuer: Issuer): Promise<S3Service>
  /** Present for services that only `make test-services` runs: why not on this machine; undefined when it can run. */
  extra?(): Promise<string | undefined>
  /** See `Found.ways`. */
  ways: Record<WayName, string>
  /** What messages of the ways that fail must say, because the cure of other services does not help here. */
  says?: Partial<Record<WayName, RegExp>>
  /** Attempts in narrowing.ts that the service refuses even to who may. */
  gaps?: string[]
  /** The way of the store that the operator looks after. */
  store: WayName
  versions: string
  expiration: string
  usage: string
  /** The reasons for a wrong secret, an unknown key, and a key that only reads. */
  keys: { wrong: string; unknown: string; reader: string }
  /** What asking for SSE-S3 leads to; of a service that ignores or refuses it, the operator must say so. */
  encryption: 'works' | 'ignored' | 'refused'
  /** More sessions with a reason each: roles that do not trust the caller. */
  others?: { name: string; way: WayName; role: 'closed' | 'webOfOthers'; outcome: string }[]
  /** More stores that the operator looks after, with what it says of them. */
  stores?: { name: string; way: WayName; key: Key | 'wrong'; reason: string; says: RegExp }[]
  notes: string
}

const AWS_LIKE_KEYS = { wrong: 'CredentialsRejected', unknown: 'CredentialsRejected', reader: 'PermissionDenied' }

/** Where a denied call is all that a wrong key leads to, the operator must say that the key may be wrong. */
const WRONG_KEY: NonNullable<Row['stores']>[number] = {
  ...{ name: 'a wrong key', way: 'accessKey, Static', key: 'wrong' },
  ...{ reason: 'PermissionDenied', says: /correct the key/ },
}

/** The ways of a service that hands on its own keys, and makes no others. */
const WITHOUT_STS: Row['ways'] = {
  accessKey: 'IssueNotSupported',
  'accessKey, SessionToken': 'IssueNotSupported',
  'accessKey, FederationToken': 'IssueNotSupported',
  'accessKey, Static': 'whole',
  assumeRoles: 'IssueNotSupported',
  webIdentity: 'IssueNotSupported',
}

export const ROWS: Row[] = [
  {
    service: 'MinIO',
    start: startMinioService,
    ways: {
      accessKey: 'narrowed',
      'accessKey, SessionToken': 'IssueNotSupported',
      'accessKey, FederationToken': 'IssueNotSupported',
      'accessKey, Static': 'whole',
      assumeRoles: 'narrowed',
      webIdentity: 'narrowed',
    },
    store: 'webIdentity',
    ...{ versions: 'Enabled', expiration: 'kept', usage: 'List', encryption: 'works', keys: AWS_LIKE_KEYS },
    notes: 'The community edition is archived. AssumeRole narrows the caller, whatever role is named.',
  },
  {
    service: 'VersityGW',
    start: startVersity,
    ways: WITHOUT_STS,
    store: 'accessKey, Static',
    ...{ versions: 'Enabled', expiration: 'BucketChangeRefused', usage: 'List', keys: AWS_LIKE_KEYS },
    encryption: 'ignored',
    notes: 'Users in a folder (`--iam-dir`), without an STS: `issue: Static`. Versions need `--versioning-dir`.',
  },
  {
    service: 'VersityGW with its IAM service',
    start: startVersityIam,
    ways: { ...WITHOUT_STS, webIdentity: 'RoleNotTrusted' },
    store: 'accessKey, Static',
    ...{ versions: 'BucketChangeRefused', expiration: 'BucketChangeRefused', usage: 'List', keys: AWS_LIKE_KEYS },
    encryption: 'ignored',
    notes:
      'Its STS has AssumeRoleWithWebIdentity only, and takes no issuer with a port or at a private address: a cluster whose issuer is public.',
  },
  {
    service: 'SeaweedFS',
    start: startSeaweed,
    ways: {
      accessKey: 'AssumeRoleRefused',
      'accessKey, SessionToken': 'IssueRefused',
      'accessKey, FederationToken': 'narrowed',
      'accessKey, Static': 'whole',
      assumeRoles: 'narrowed',
      webIdentity: 'narrowed',
    },
    says: {
      accessKey: /spec\.aws\.assumeRoles.*FederationToken|FederationToken.*spec\.aws\.assumeRoles/,
      'accessKey, SessionToken': /FederationToken|assumeRoles|has it/,
    },
    store: 'webIdentity',
    ...{ versions: 'Enabled', expiration: 'kept', usage: 'List', encryption: 'refused' },
    keys: AWS_LIKE_KEYS,
    others: [
      { name: 'a role that trusts another user', way: 'assumeRoles', role: 'closed', outcome: 'RoleNotTrusted' },
    ],
    stores: [
      {
        ...{ name: 'a user with actions instead of policies', way: 'accessKey, FederationToken', key: classicKey },
        ...{ reason: 'IssuedCredentialsRefused', says: /assumeRoles|Static/ },
      },
    ],
    notes:
      'Users need `policyNames`: what GetFederationToken makes of users with `actions` opens nothing. `-s3.autoCreateBucket` makes buckets that are written to.',
  },
  {
    service: 'AWS (moto)',
    start: startMotoService,
    ways: {
      accessKey: 'narrowed',
      'accessKey, SessionToken': 'whole',
      'accessKey, FederationToken': 'narrowed',
      'accessKey, Static': 'whole',
      assumeRoles: 'narrowed',
      webIdentity: 'narrowed',
    },
    store: 'webIdentity',
    ...{ versions: 'Enabled', expiration: 'kept', usage: 'List', encryption: 'works', keys: AWS_LIKE_KEYS },
    others: [
      { name: 'a role that trusts another user', way: 'assumeRoles', role: 'closed', outcome: 'RoleNotTrusted' },
      { name: 'a role for another account', way: 'webIdentity', role: 'webOfOthers', outcome: 'RoleNotTrusted' },
    ],
    notes: 'moto stands for AWS in tests, as strict as we know AWS to be.',
  },
  {
    service: 'Ceph RGW',
    start: startCeph,
    extra: whyNoCeph,
    ways: {
      accessKey: 'AssumeRoleRefused',
      'accessKey, SessionToken': 'IssueRefused',
      'accessKey, FederationToken': 'IssueNotSupported',
      'accessKey, Static': 'whole',
      assumeRoles: 'narrowed',
      webIdentity: 'RoleNotTrusted',
    },
    store: 'assumeRoles',
    gaps: ['delete several'],
    stores: [WRONG_KEY],
    ...{ versions: 'Enabled', expiration: 'kept', usage: 'List', encryption: 'refused' },
    keys: { wrong: 'PermissionDenied', unknown: 'PermissionDenied', reader: 'PermissionDenied' },
    others: [
      { name: 'a role that trusts another user', way: 'assumeRoles', role: 'closed', outcome: 'RoleNotTrusted' },
    ],
    notes:
      "Web identity needs keys with `x5c` in the issuer's JWKS on 16.2, which Kubernetes does not have. Deleting several objects in one call is refused there where policies name a prefix.",
  },
  {
    service: 'Garage',
    start: startGarage,
    extra: whyNoGarage,
    ways: WITHOUT_STS,
    store: 'accessKey, Static',
    ...{ versions: 'BucketChangeRefused', expiration: 'kept', usage: 'List', keys: AWS_LIKE_KEYS },
    encryption: 'ignored',
    notes:
      'Keys may use whole buckets and nothing else: no policies, no STS, no versions. Its default region is `garage`.',
  },
]
