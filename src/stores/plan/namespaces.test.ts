import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeView, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, CredentialsEntry } from '../../api/artifact-store.ts'
import { matches } from './allowed-namespaces.ts'
import { reachOf } from './namespaces.ts'

const namespaces: Record<string, Record<string, string>> = {
  ml: {},
  a: { team: 'x' },
  b: { team: 'x', stage: 'prod' },
  c: { team: 'y' },
  going: { team: 'x' },
  closed: { team: 'x', closed: 'true' },
  'kube-system': { team: 'x' },
  here: { team: 'x' },
}
const view = fakeView({
  operatorNamespace: 'here',
  namespaceLabels: name => namespaces[name],
  isRecipient: ({ closed }) => closed !== 'true',
  isTerminating: name => name === 'going',
  namespacesMatching: selector => Object.keys(namespaces).filter(name => matches(selector, namespaces[name] ?? {})),
})

type Allowed = ArtifactStore['spec']['allowedNamespaces']
const ALL: Allowed = { from: 'All' }
const PROD: Allowed = { from: 'Selector', selector: { matchLabels: { stage: 'prod' } } }
const x = { matchLabels: { team: 'x' } }

const reach = (entry: CredentialsEntry['namespaces'], allowed?: Allowed, namespace = 'ml') => {
  const object = store(allowed ? { allowedNamespaces: allowed } : {})
  const { metadata } = object
  return reachOf(
    { ...object, metadata: { ...metadata, namespace } },
    { name: 'step', formats: ['Env'], ...(entry ? { namespaces: entry } : {}) },
    view,
  )
}

describe('the namespaces of an entry', () => {
  const cases: [
    name: string,
    entry: CredentialsEntry['namespaces'],
    allowed: Allowed,
    namespaces: string[],
    excluded?: Record<string, string>,
    own?: string,
  ][] = [
    ['the own one by default', undefined, undefined, ['ml']],
    ['whatever the store allows', undefined, ALL, ['ml']],
    ['by name', { names: ['c', 'a'] }, ALL, ['a', 'c']],
    ['by label', { selector: x }, ALL, ['a', 'b']],
    ['by both, once', { names: ['a', 'ml'], selector: x }, ALL, ['a', 'b', 'ml']],
    ['one that lets nothing in', { names: ['closed', 'a'] }, ALL, ['a'], { closed: 'NamespaceNotRecipient' }],
    ['all of them', { selector: {} }, ALL, ['a', 'b', 'c', 'ml']],
    ['a name that is not allowed', { names: ['a', 'ml'] }, undefined, ['ml'], { a: 'NamespaceNotAllowed' }],
    ['also when allowed is said to be none', { names: ['a'] }, { from: 'Same' }, [], { a: 'NamespaceNotAllowed' }],
    ['labels that are not allowed are not selected', { selector: x }, undefined, []],
    ['a selector on both sides', { selector: x }, PROD, ['b']],
    ['names, and a selector of the store', { names: ['a', 'b'] }, PROD, ['b'], { a: 'NamespaceNotAllowed' }],
    ['the own one needs no label', { names: ['ml'] }, PROD, ['ml']],
    ['a name that is not there yet', { names: ['new'] }, ALL, [], { new: 'NamespaceNotFound' }],
    ['which may get the label', { names: ['new'] }, PROD, [], { new: 'NamespaceNotFound' }],
    ['and one that never may', { names: ['new'] }, undefined, [], { new: 'NamespaceNotAllowed' }],
    ['one that is being deleted', { names: ['going', 'a'] }, ALL, ['a'], { going: 'NamespaceTerminating' }],
    [
      'Kubernetes and the operator',
      { names: ['here', 'kube-system', 'kube-x'] },
      ALL,
      [],
      {
        here: 'NamespaceNotAllowed',
        'kube-system': 'NamespaceNotAllowed',
        'kube-x': 'NamespaceNotAllowed',
      },
    ],
    ['but for stores of its own', undefined, ALL, ['closed'], {}, 'closed'],
    ['a store there', { names: ['kube-system', 'a'] }, ALL, ['a', 'kube-system'], {}, 'kube-system'],
  ]
  for (const [name, entry, allowed, expected, excluded = {}, own] of cases) {
    test(name, () => {
      const found = reach(entry, allowed, own)
      assert.deepEqual(found.namespaces, expected)
      const reasons = found.excluded.map(({ namespace, failure }) => [namespace, failure.reason])
      assert.deepEqual(Object.fromEntries(reasons), excluded)
    })
  }
})

test('one message names all that have the same cure', () => {
  const messages = reach({ names: ['c', 'a', 'nowhere'] }, PROD).excluded.map(({ failure }) => failure.message)
  assert.deepEqual(messages, [
    'spec.credentials[step].namespaces.names: "a", "c": not allowed by spec.allowedNamespaces: allow it there (from: All, or Selector with a label that it has), or remove it here',
    'spec.credentials[step].namespaces.names: "a", "c": not allowed by spec.allowedNamespaces: allow it there (from: All, or Selector with a label that it has), or remove it here',
    'spec.credentials[step].namespaces.names: "nowhere": there is no such namespace: create it, or remove it; its Secret follows it at once',
  ])
})
