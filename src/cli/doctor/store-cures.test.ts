import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { connector, store } from '../../../test/support/objects.ts'
import type { ArtifactStoreSpec } from '../../api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { CURED_REASONS, storeCures } from './store-cures.ts'

const patch = (change: string) => `kubectl patch artifactstore prod -n ml --type=merge -p '${change}'`
const json = (change: string) => `kubectl patch artifactstore prod -n ml --type=json -p '${change}'`
const lender = (change: string) => `kubectl patch serviceconnector minio -n ml --type=merge -p '${change}'`
const step = { name: 'step', formats: ['AwsProfile'] }
const named = (...names: string[]) => ({ credentials: [{ ...step, namespaces: { names } }] })
const BY_NAME = (...values: string[]) =>
  `{"spec":{"allowedNamespaces":{"from":"Selector","selector":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"In","values":${JSON.stringify(values)}}]}}}}`
const chosen = (...values: string[]) => ({
  from: 'Selector',
  selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }] },
})
const TEST = (index: number, name: string) => `{"op":"test","path":"/spec/credentials/${index}/name","value":"${name}"}`

interface Row {
  reason: string
  message?: string
  spec?: object
  /** Of the connector; null: it can't be seen. */
  connector?: object | null
  candidates?: string[]
  commands: string[]
  /** Default: as there is a command, but for what others decide. */
  isFixable?: boolean
}

const ROWS: Row[] = [
  {
    reason: 'ConnectorNotFound',
    candidates: ['aws'],
    commands: [patch('{"spec":{"connectorRef":{"name":"aws","namespace":null}}}')],
    isFixable: false,
  },
  { reason: 'ConnectorNotFound', candidates: ['aws', 'minio'], commands: [] },
  { reason: 'ConnectorNotFound', commands: [] },
  {
    reason: 'CloudMismatch',
    candidates: ['aws'],
    commands: [patch('{"spec":{"connectorRef":{"name":"aws","namespace":null}}}')],
    isFixable: false,
  },
  { reason: 'AccountMismatch', commands: [] },
  {
    reason: 'AccountMismatch',
    candidates: ['other'],
    commands: [patch('{"spec":{"connectorRef":{"name":"other","namespace":null}}}')],
    isFixable: false,
  },
  { reason: 'ConnectorNotAllowed', connector: {}, commands: [lender(BY_NAME('ml'))] },
  {
    reason: 'ConnectorNotAllowed',
    connector: { allowedNamespaces: chosen('a') },
    commands: [lender(BY_NAME('a', 'ml'))],
  },
  {
    reason: 'ConnectorNotAllowed',
    connector: { allowedNamespaces: { from: 'Selector', selector: { matchLabels: { team: 'a' } } } },
    commands: [],
  },
  { reason: 'ConnectorNotAllowed', connector: null, commands: [] },
  {
    reason: 'ResourceNotAllowed',
    connector: { resources: ['s3://ml-*'] },
    commands: [lender('{"spec":{"resources":["s3://ml-*","s3://bucket"]}}')],
  },
  { reason: 'ResourceNotAllowed', connector: null, commands: [] },
  ...['webIdentity', 'bucketSetup', 'wholeContainer', 'static'].map(lent => ({
    reason: 'NotLent',
    message: `x: have its owner set spec.lend.${lent}: true, or`,
    commands: [lender(`{"spec":{"lend":{"${lent}":true}}}`)],
  })),
  { reason: 'NotLent', message: 'have its owner set spec.lend.everything: true, or', commands: [] },
  { reason: 'BucketHostUnknown', commands: [lender('{"spec":{"aws":{"addressingStyle":"Path"}}}')] },
  {
    reason: 'WrongRegion',
    message: 'bucket "data" is in region "us-east-1", not in "eu-west-1": correct spec.bucket.region',
    commands: [patch('{"spec":{"bucket":{"region":"us-east-1"}}}')],
  },
  {
    reason: 'WrongRegion',
    message: 'x: set spec.aws.region of the connector to "eu-west-1"',
    commands: [lender('{"spec":{"aws":{"region":"eu-west-1"}}}')],
    isFixable: false,
  },
  { reason: 'BucketNotFound', commands: [patch('{"spec":{"bucket":{"create":true}}}')], isFixable: false },
  { reason: 'BucketNotFound', spec: { bucket: { create: true } }, commands: [] },
  {
    reason: 'ContainerNotFound',
    spec: { path: 'az://data' },
    commands: [patch('{"spec":{"bucket":{"create":true}}}')],
    isFixable: false,
  },
  {
    reason: 'PermissionDenied',
    message: 'x: allow it, or remove spec.bucket.versioning',
    commands: [patch('{"spec":{"bucket":{"versioning":null}}}')],
    isFixable: false,
  },
  { reason: 'PermissionDenied', message: 's3:PutObject denied: allow it in the policy', commands: [] },
  {
    reason: 'PermissionUnknown',
    spec: { verification: { require: ['s3:GetObject', 's3:Odd'] } },
    message: 'x: leave s3:Odd out of spec.verification.require',
    commands: [patch('{"spec":{"verification":{"require":["s3:GetObject"]}}}')],
  },
  {
    reason: 'PermissionUnknown',
    spec: { verification: { require: ['s3:Odd'] } },
    message: 'x: leave s3:Odd out of spec.verification.require',
    commands: [patch('{"spec":{"verification":{"require":null}}}')],
  },
  { reason: 'PermissionUnknown', spec: { verification: { require: ['s3:Odd'] } }, commands: [] },
  {
    reason: 'DurationTooLong',
    message: 'spec.credentials[step].duration: 2h: x',
    spec: {
      credentials: [
        { ...step, name: 'other' },
        { ...step, duration: '2h' },
      ],
    },
    commands: [json(`[${TEST(1, 'step')},{"op":"remove","path":"/spec/credentials/1/duration"}]`)],
  },
  {
    reason: 'DurationTooLong',
    message: 'x: shorten spec.sessionDuration or spec.credentials[].duration, or',
    spec: { credentials: [{ ...step, duration: '2h' }] },
    commands: [json(`[${TEST(0, 'step')},{"op":"remove","path":"/spec/credentials/0/duration"}]`)],
  },
  {
    reason: 'DurationTooLong',
    message: 'spec.credentials[step].duration is not set, and',
    spec: { credentials: [step] },
    commands: [],
  },
  {
    reason: 'SecretConflict',
    message: 'Secret "ml/prod-step" exists',
    spec: { credentials: [step] },
    commands: [
      json(`[${TEST(0, 'step')},{"op":"add","path":"/spec/credentials/0/secretName","value":"prod-step-credentials"}]`),
    ],
  },
  {
    reason: 'SecretConflict',
    message: 'Secret "ml/theirs" belongs',
    spec: { credentials: [{ ...step, secretName: 'theirs' }] },
    commands: [json(`[${TEST(0, 'step')},{"op":"remove","path":"/spec/credentials/0/secretName"}]`)],
  },
  { reason: 'SecretConflict', message: 'Secret "ml/unknown" exists', spec: { credentials: [step] }, commands: [] },
  {
    reason: 'InvalidSpec',
    spec: {
      credentials: [
        { ...step, formats: ['AwsProfile', 'Env'] },
        { ...step, name: 'b', secretName: 'prod-step-env' },
      ],
    },
    commands: [json(`[${TEST(1, 'b')},{"op":"remove","path":"/spec/credentials/1/secretName"}]`)],
  },
  { reason: 'InvalidSpec', message: 'something else', commands: [] },
  { reason: 'DefaultConflict', commands: [patch('{"spec":{"default":null}}')] },
  { reason: 'DefaultInUse', commands: [patch('{"spec":{"default":null}}')], isFixable: false },
  {
    reason: 'DeletionProtected',
    commands: ['kubectl annotate artifactstore prod -n ml --overwrite artifactstore.dev/confirm-delete=prod'],
    isFixable: false,
  },
  {
    reason: 'NamespaceNotRecipient',
    spec: named('a', 'b', 'c'),
    message:
      'have an administrator run "kubectl label namespace a b --overwrite artifactstore.dev/recipient=true stage=", or',
    commands: ['a', 'b'].map(
      name => `kubectl label namespace ${name} --overwrite artifactstore.dev/recipient=true stage=`,
    ),
  },
  {
    reason: 'NamespaceNotRecipient',
    spec: named('a'),
    message: 'run "kubectl label namespace kube-system --overwrite x=y"',
    commands: [],
  },
  {
    reason: 'NamespaceNotRecipient',
    spec: named('a'),
    message: 'run "kubectl label namespace a --overwrite $(x) ;rm"',
    commands: [],
  },
  {
    reason: 'NamespaceNotAllowed',
    spec: named('a', 'b'),
    message: 'x: "a": not allowed by spec.allowedNamespaces: allow it there',
    commands: [patch(BY_NAME('a'))],
    isFixable: false,
  },
  {
    reason: 'NamespaceNotAllowed',
    spec: named('kube-system'),
    message: 'x: "kube-system": namespaces of Kubernetes',
    commands: [],
  },
  {
    reason: 'CloudWatchUnavailable',
    spec: { usage: { source: 'CloudWatch' } },
    commands: [patch('{"spec":{"usage":{"source":"List"}}}')],
  },
  {
    reason: 'NoMetricsYet',
    spec: { usage: { source: 'CloudWatch' } },
    commands: [patch('{"spec":{"usage":{"source":"List"}}}')],
  },
  {
    reason: 'CloudWatchFailed',
    spec: { usage: { source: 'CloudWatch' } },
    commands: [patch('{"spec":{"usage":{"source":"List"}}}')],
  },
  { reason: 'EndpointUnreachable', commands: [] },
  { reason: '__proto__', commands: [] },
]

/** What the owner of the connector or of the namespace decides. */
const OF_OTHERS = new Set([
  ...['ConnectorNotAllowed', 'ResourceNotAllowed', 'NotLent', 'BucketHostUnknown', 'NamespaceNotRecipient'],
])

describe('cures of a store', () => {
  for (const { reason, message = 'why', spec, candidates = [], commands, ...row } of ROWS) {
    test(`${reason}: ${message}: ${commands.join(' and ') || 'none in the cluster'}`, () => {
      const given = row.connector
      const one = connector({ spec: { ...connector().spec, ...given } as ServiceConnectorSpec })
      const object = store(spec as Partial<ArtifactStoreSpec>)
      const cures = storeCures(
        object,
        { reason, message },
        { ...(given === null ? {} : { connector: one }), candidates },
        {},
      )
      assert.deepEqual(
        cures.flatMap(cure => cure.commands),
        commands,
      )
      assert.equal(
        cures.some(({ changes }) => changes !== undefined),
        row.isFixable ?? (commands.length > 0 && !OF_OTHERS.has(reason)),
      )
    })
  }

  test('a namespace that a store elsewhere names is opened for all stores, and only if its owner wants that', () => {
    const object = store(named('kube-system') as Partial<ArtifactStoreSpec>)
    const message = 'have an administrator run "kubectl label namespace kube-system --overwrite a=b", or'
    const [cure] = storeCures(object, { reason: 'NamespaceNotRecipient', message }, { candidates: [] }, {})
    assert.match(
      cure?.words ?? '',
      /^let "kube-system" accept Secrets of any store elsewhere, if its owner wants that$/,
    )
  })

  test('each reason that has cures is tried', () =>
    assert.deepEqual(
      CURED_REASONS.filter(reason => !ROWS.some(row => row.reason === reason && row.commands.length > 0)),
      [],
    ))

  test('each is of a reason that the operator gives', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.startsWith('cli') && !file.endsWith('.test.ts'))
      .map(file => readFileSync(join('src', file), 'utf8'))
    const reasons = ROWS.filter(({ commands }) => commands.length > 0).map(({ reason }) => reason)
    assert.deepEqual(
      reasons.filter(reason => !sources.some(source => source.includes(`'${reason}'`))),
      [],
    )
  })
})
