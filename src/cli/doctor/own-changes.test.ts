import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  NAMESPACES,
  type Resource,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../../kube/resource.ts'
import type { Edit } from './changes.ts'
import { type Cure, type Subject, subjectWords } from './finding.ts'
import { withOwnChanges } from './own-changes.ts'

const store: Subject = { kind: 'store', namespace: 'ml', name: 'models' }
const connector: Subject = { kind: 'connector', namespace: 'ml', name: 'minio' }
const merge = (resource: Resource, name: string, spec: object, namespace = 'ml'): Edit => ({
  ...{ kind: 'merge', resource, namespace, name },
  patch: { spec },
})
const ofStore = (spec: object): Edit => merge(ARTIFACT_STORES, 'models', spec)
const ofConnector = (spec: object): Edit => merge(SERVICE_CONNECTORS, 'minio', spec)
const ofEntry = (member: string): Edit => ({
  ...{ kind: 'json', resource: ARTIFACT_STORES, namespace: 'ml', name: 'models' },
  operations: [
    { op: 'test', path: '/spec/credentials/10/name', value: 'step' },
    { op: 'add', path: `/spec/credentials/10/${member}`, value: 'x' },
  ],
})
const labelled = (resource: Resource, name: string): Edit => ({
  ...{ kind: 'merge', resource, name, patch: { metadata: { labels: { a: 'b' } } } },
  ...(resource === NAMESPACES ? {} : { namespace: 'ml' }),
})

const changes = (...changes: Edit[]): Cure => ({
  ...{ place: 'cluster', words: 'why', commands: ['kubectl'], needs: [], changes },
})

describe('a change that --fix makes by itself', () => {
  for (const [subject, change] of [
    [store, ofStore({ default: null })],
    [store, ofStore({ bucket: { region: 'eu-west-1' } })],
    [store, ofStore({ usage: { source: 'List' }, verification: { require: ['s3:GetObject'] } })],
    [store, ofEntry('duration')],
    [store, ofEntry('secretName')],
    [connector, ofConnector({ aws: { issue: null } })],
    [connector, ofConnector({ aws: { addressingStyle: 'Path', region: 'eu-west-1' } })],
  ] as const) {
    test(`is within ${subjectWords(subject)}: ${JSON.stringify(change)}`, () =>
      assert.deepEqual(withOwnChanges(changes(change), subject), changes(change)))
  }
})

describe('a change that somebody must decide is only printed', () => {
  for (const [what, subject, change] of [
    ['a label of a Secret', connector, labelled(SECRETS, 'minio')],
    ['a label of a ConfigMap', connector, labelled(CONFIG_MAPS, 'minio')],
    ['a label of a namespace', store, labelled(NAMESPACES, 'models')],
    ['a label of the object itself', store, labelled(ARTIFACT_STORES, 'models')],
    ['a label of a ServiceAccount', connector, labelled(SERVICE_ACCOUNTS, 'minio')],
    ['who may use the connector', connector, ofConnector({ allowedNamespaces: { from: 'All' } })],
    ['what the connector reaches', connector, ofConnector({ resources: [] })],
    ['what the connector lends', connector, ofConnector({ lend: { static: true } })],
    ['an end of a pause', connector, ofConnector({ suspend: null })],
    ['whom the connector acts as', connector, ofConnector({ aws: { auth: { x: 1 } } })],
    ['all of a cloud', connector, ofConnector({ aws: {} })],
    ['who gets Secrets of the store', store, ofStore({ allowedNamespaces: { from: 'All' } })],
    ['another connector', store, ofStore({ connectorRef: { name: 'x' } })],
    ['a bucket', store, ofStore({ bucket: { create: true } })],
    ['more than the region of a bucket', store, ofStore({ bucket: { region: 'x', versioning: null } })],
    ['to whom an entry gives credentials', store, ofEntry('namespaces')],
    ['what an entry lets do', store, ofEntry('access')],
    ['a whole entry', store, { ...ofEntry('x'), operations: [{ op: 'remove', path: '/spec/credentials/0' }] } as Edit],
    ['the connector of a store', store, ofConnector({ aws: { region: 'eu-west-1' } })],
    ['another store', store, merge(ARTIFACT_STORES, 'other', { default: null })],
    ['a store of another namespace', store, merge(ARTIFACT_STORES, 'models', { default: null }, 'other')],
    ['a store of the same name as a connector', connector, merge(ARTIFACT_STORES, 'minio', { default: null })],
  ] as [string, Subject, Edit][]) {
    test(what, () => {
      const { changes: _, ...printed } = changes(change)
      assert.deepEqual(withOwnChanges(changes(change), subject), printed)
      // One of several is enough.
      assert.deepEqual(withOwnChanges(changes(ofStore({ default: null }), change), subject), printed)
    })
  }
})
