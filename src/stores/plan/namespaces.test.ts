import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeView, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, CredentialsEntry } from '../../api/artifact-store.ts'
import { matches } from './allowed-namespaces.ts'
import { reachesOf, refuseSelectors } from './namespaces.ts'

const namespaces: Record<string, Record<string, string>> = {
  ml: {},
  a: { team: 'x' },
  b: { team: 'x', stage: 'prod' },
  c: { team: 'y' },
  going: { team: 'x' },
  closed: { team: 'x', closed: 'true' },
  locked: { team: 'y', closed: 'true' },
  'kube-system': { team: 'x' },
  here: { team: 'x' },
}
const view = fakeView({
  operatorNamespace: 'here',
  namespaceLabels: name => namespaces[name],
  isRecipient: ({ closed }) => closed !== 'true',
  recipientLabels: { open: 'true', stage: 'prod' },
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
  const reaches = reachesOf({ ...object, metadata: { ...metadata, namespace } }, view)
  const credentials: CredentialsEntry = { name: 'step', formats: ['Env'], ...(entry ? { namespaces: entry } : {}) }
  const reached = reaches.of(credentials)
  // Both ways to ask give the same answer.
  const asked = [...Object.keys(namespaces), 'absent'].filter(name => reaches.leadsTo(credentials, name))
  assert.deepEqual(asked.sort(), reached.namespaces)
  return reached
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
    ['are that of the store by default', undefined, undefined, ['ml']],
    ['are that of the store by default, whatever the store allows', undefined, ALL, ['ml']],
    ['are those that it names', { names: ['c', 'a'] }, ALL, ['a', 'c']],
    ['are those that it selects by label', { selector: x }, ALL, ['a', 'b']],
    ['are those that it names or selects, each once', { names: ['a', 'ml'], selector: x }, ALL, ['a', 'b', 'ml']],
    [
      'leave out one that has not consented to Secrets',
      { names: ['closed', 'a'] },
      ALL,
      ['a'],
      { closed: 'NamespaceNotRecipient' },
    ],
    ['are all that may get Secrets when its selector is empty', { selector: {} }, ALL, ['a', 'b', 'c', 'ml']],
    [
      'leave out a name that the store does not allow',
      { names: ['a', 'ml'] },
      undefined,
      ['ml'],
      { a: 'NamespaceNotAllowed' },
    ],
    [
      'leave out a name when the store allows only its own namespace',
      { names: ['a'] },
      { from: 'Same' },
      [],
      { a: 'NamespaceNotAllowed' },
    ],
    ['leave out selected ones that the store does not allow', { selector: x }, undefined, []],
    ['are those that the selectors of entry and store both match', { selector: x }, PROD, ['b']],
    [
      'leave out a name that the selector of the store does not match',
      { names: ['a', 'b'] },
      PROD,
      ['b'],
      { a: 'NamespaceNotAllowed' },
    ],
    ['include that of the store without a label', { names: ['ml'] }, PROD, ['ml']],
    ['leave out a name that does not exist yet', { names: ['new'] }, ALL, [], { new: 'NamespaceNotFound' }],
    [
      'leave out a name that does not exist yet, but may get the label',
      { names: ['new'] },
      PROD,
      [],
      { new: 'NamespaceNotFound' },
    ],
    [
      'leave out a name that does not exist and would not be allowed',
      { names: ['new'] },
      undefined,
      [],
      { new: 'NamespaceNotAllowed' },
    ],
    ['leave out one that is being deleted', { names: ['going', 'a'] }, ALL, ['a'], { going: 'NamespaceTerminating' }],
    [
      'leave out those of Kubernetes and of the operator',
      { names: ['here', 'kube-system', 'kube-x'] },
      ALL,
      [],
      {
        here: 'NamespaceNotAllowed',
        'kube-system': 'NamespaceNotAllowed',
        'kube-x': 'NamespaceNotAllowed',
      },
    ],
    ['include one without consent for a store in it', undefined, ALL, ['closed'], {}, 'closed'],
    [
      'leave out kube-system for a store in it',
      { names: ['kube-system', 'a'] },
      ALL,
      ['a'],
      { 'kube-system': 'NamespaceNotAllowed' },
      'kube-system',
    ],
    [
      'leave out kube-system where no namespaces are named',
      undefined,
      ALL,
      [],
      { 'kube-system': 'NamespaceNotAllowed' },
      'kube-system',
    ],
    ["leave out the operator's own for a store in it", undefined, ALL, [], { here: 'NamespaceNotAllowed' }, 'here'],
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

test('one message names all namespaces that have the same cure', () => {
  const messages = reach({ names: ['c', 'a', 'nowhere'] }, PROD).excluded.map(({ failure }) => failure.message)
  assert.deepEqual(messages, [
    'spec.credentials[step].namespaces.names: "a", "c": not allowed by spec.allowedNamespaces: allow it there (from: All, or Selector with a label that it has), or remove it here',
    'spec.credentials[step].namespaces.names: "a", "c": not allowed by spec.allowedNamespaces: allow it there (from: All, or Selector with a label that it has), or remove it here',
    'spec.credentials[step].namespaces.names: "nowhere": there is no such namespace: create it, or remove it; its Secret follows it at once',
  ])
})

test('namespaces without consent are told with the command that gives it', () => {
  const [excluded] = reach({ names: ['closed', 'locked'] }, ALL).excluded
  assert.equal(
    excluded?.failure.message,
    'spec.credentials[step].namespaces.names: "closed", "locked": accept no Secrets of stores elsewhere: have an administrator run "kubectl label namespace closed locked --overwrite open=true stage=prod", or remove them here',
  )
})

describe('where the operator is limited to some namespaces', () => {
  const limited = fakeView({
    watched: { has: name => ['ml', 'a', 'b'].includes(name), isRead: name => name !== 'b' },
    operatorNamespace: 'here',
    isRecipient: () => assert.fail('labels can’t be read'),
  })
  const entry = (namespaces: CredentialsEntry['namespaces']): CredentialsEntry => ({
    ...{ name: 'step', formats: ['Env'] },
    ...(namespaces ? { namespaces } : {}),
  })
  const reaching = (names: string[], allowed: Allowed = ALL) =>
    reachesOf(store(allowed ? { allowedNamespaces: allowed } : {}), limited).of(entry({ names }))

  test('a Secret goes to those of them that the store allows, without their labels', () => {
    assert.deepEqual(reaching(['ml', 'a']), { namespaces: ['a', 'ml'], excluded: [] })
  })

  for (const [name, wanted, allowed, intent, reason, message] of [
    ['one that it does not watch', 'c', ALL, 'stalled', 'NamespaceNotWatched', /"c": .*add it to --watch-namespaces/],
    [
      'one that is absent or refuses',
      'b',
      ALL,
      'waiting',
      'NamespaceNotFound',
      /"b": .* or it gives the operator no Roles/,
    ],
    ['one that the store does not allow', 'a', undefined, 'stalled', 'NamespaceNotAllowed', /spec\.allowedNamespaces/],
    ['its own', 'here', ALL, 'stalled', 'NamespaceNotAllowed', /of the operator get no Secrets/],
  ] as const) {
    test(`no Secret goes to ${name}`, () => {
      const { namespaces, excluded } = reachesOf(store(allowed ? { allowedNamespaces: allowed } : {}), limited).of(
        entry({ names: [wanted] }),
      )
      assert.deepEqual(namespaces, [])
      const { failure } = excluded[0] ?? assert.fail()
      assert.deepEqual([failure.intent, failure.reason], [intent, reason])
      assert.match(failure.message, message)
      assert.ok(failure.message.startsWith('spec.credentials[step].namespaces.names: '), failure.message)
    })
  }

  test('a selector is refused by its field', () => {
    const { spec } = store({ credentials: [entry({ names: ['a'] }), { ...entry({ selector: x }), name: 'all' }] })
    assert.match(
      refuseSelectors(spec, limited)?.message ?? '',
      /^spec\.credentials\[all\]\.namespaces\.selector: selects .*: list them in namespaces\.names$/,
    )
    assert.match(
      refuseSelectors(store({ allowedNamespaces: PROD ?? ALL }).spec, limited)?.message ?? '',
      /^spec\.allowedN/,
    )
    assert.equal(refuseSelectors(spec, view), undefined)
  })
})
