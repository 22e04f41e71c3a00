/** `doctor --fix -A --yes` by an administrator: what owners decide stays as it is, whatever tenants ask for. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  NAMESPACES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../../../src/kube/resource.ts'
import { CommandLine, type Ran } from '../../support/command-line.ts'
import { type Tenant, World } from '../../support/world.ts'
import { documented, ended } from './parts.ts'

const parts = new AsyncDisposableStack()
let world: World
let cli: CommandLine
let owner: Tenant
let tenant: Tenant

/** What a tenant asks for, by the name of its store: the reason, and of what. */
const ASKED: Readonly<Record<string, { reason: string; of?: 'connector'; spec?: Partial<ArtifactStoreSpec> }>> = {
  'use-of-a-connector': {
    reason: 'ConnectorNotAllowed',
    spec: { connectorRef: { name: 'private', namespace: 'owner' } },
  },
  'another-bucket': {
    reason: 'ResourceNotAllowed',
    spec: { path: 's3://tenant/a', connectorRef: { name: 'lent', namespace: 'owner' } },
  },
  'set-up-of-a-bucket': {
    reason: 'NotLent',
    spec: {
      path: 's3://owner/b',
      connectorRef: { name: 'lent', namespace: 'owner' },
      bucket: { versioning: 'Enabled' },
    },
  },
  'secrets-elsewhere': { reason: 'NamespaceNotRecipient', spec: { ...copiesTo(), allowedNamespaces: { from: 'All' } } },
  'secrets-that-its-store-forbids': {
    reason: 'NamespaceNotAllowed',
    spec: {
      ...copiesTo(),
      allowedNamespaces: { from: 'Selector', selector: { matchLabels: { team: 'another' } } },
    },
  },
  'bucket-of-its-own': { reason: 'BucketNotFound', spec: { path: 's3://absent-everywhere' } },
  'a-secret': { reason: 'SecretNotLabelled', of: 'connector' },
  'a-config-map': { reason: 'ConfigMapNotLabelled', of: 'connector' },
  'a-service-account': { reason: 'ServiceAccountNotFound', of: 'connector' },
  'a-pause': { reason: 'ConnectorSuspended', of: 'connector' },
}

/** An entry for a namespace of somebody else. */
function copiesTo(): Partial<ArtifactStoreSpec> {
  return { credentials: [{ name: 'step', formats: ['Env'], namespaces: { names: ['owner'] } }] }
}

before(async () => {
  world = await World.start()
  parts.defer(() => world.stop())
  cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
  parts.defer(() => cli.remove())
  await world.startOperator()
  ;[owner, tenant] = await Promise.all([world.tenant('owner'), world.tenant('tenant')])
  await owner.connector('private')
  await owner.connector('lent', {}, { allowedNamespaces: { from: 'All' }, resources: ['s3://owner'] })
  await tenant.connector('minio')
  await tenant.user('key', 'readwrite')
  await tenant.secret('a-secret', { aws_access_key_id: 'a', aws_secret_access_key: 'b' }, false)
  await tenant.keyConnector('a-secret', 'a-secret')
  await tenant.create(CONFIG_MAPS, 'a-config-map', { data: { 'ca.crt': world.minio.caPem } })
  await tenant.connector('a-config-map', { caBundle: { configMapKeyRef: { name: 'a-config-map' } } })
  const { roleArn } = world.minio
  await tenant.connector('a-service-account', { auth: { webIdentity: { serviceAccountName: 'gone', roleArn } } })
  await tenant.connector('a-pause', {}, { suspend: true })
  // What is mended: MinIO has no such way.
  await tenant.connector('mended', { auth: { accessKey: { secretName: 'key' } }, issue: 'SessionToken' })
  await tenant.store('mended', { connectorRef: { name: 'mended' } })
  for (const [name, { of, spec }] of Object.entries(ASKED)) {
    await tenant.store(name, { ...(of ? { connectorRef: { name } } : {}), ...spec })
  }
  for (const name of [...Object.keys(ASKED), 'mended']) {
    // Secrets elsewhere may be missing while the store works.
    const type = name.startsWith('secrets-') ? 'CredentialsProjected' : 'Ready'
    await tenant.storeCondition(name, type, 'False')
  }
  // A store is not Ready either while its connector has not been looked at yet.
  for (const [name, { of, reason }] of Object.entries(ASKED)) {
    if (of && name !== 'a-pause') await tenant.connectorCondition(name, 'Ready', 'False', reason)
  }
  await tenant.connectorCondition('mended', 'Ready', 'False', 'IssueNotSupported')
})
after(() => parts.disposeAsync())

/** All that a cure could change, without what the operator and the API server write. */
async function decided(): Promise<object[]> {
  const resources = [ARTIFACT_STORES, SERVICE_CONNECTORS, NAMESPACES, SECRETS, CONFIG_MAPS, SERVICE_ACCOUNTS]
  const lists = await Promise.all(resources.map(one => world.client.list<KubeObject & Decided>(one, undefined)))
  return lists
    .flatMap(({ items }) => items)
    .filter(({ metadata, kind }) => !(kind === 'ServiceConnector' && metadata.name === 'mended'))
    .filter(({ metadata }) => metadata.ownerReferences === undefined && !metadata.name.startsWith('mended'))
    .map(({ kind, metadata: { namespace, name, labels, annotations }, spec }) => ({
      ...{ kind, namespace, name, labels, annotations, spec },
    }))
}
interface Decided {
  spec?: object
  metadata: { ownerReferences?: object[] }
}

interface Report {
  findings: { name: string; reason: string; explains: { name: string }[]; cures: { isFixable: boolean }[] }[]
  fixes: { name: string; result: string }[]
}

const reportOf = (ran: Ran): Report => documented('doctor', ended(ran, 1)) as Report

test('an administrator who has everything mended decides nothing for the owners', async () => {
  const before = await decided()
  const { findings, fixes } = reportOf(await cli.run('doctor -A --fix --yes -o json'))
  assert.deepEqual(
    fixes.map(({ name, result }) => [name, result]),
    [['mended', 'Done']],
  )
  for (const [name, { reason }] of Object.entries(ASKED)) {
    const found = findings.find(one => one.reason === reason && one.name === name)
    assert.ok(found, `${name}: ${reason}: ${JSON.stringify(findings)}`)
    assert.ok(found.cures.length > 0)
    assert.ok(
      found.cures.every(({ isFixable }) => !isFixable),
      name,
    )
  }
  assert.deepEqual(await decided(), before)
})
