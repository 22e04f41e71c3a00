import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { connector } from '../../../test/support/objects.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS, SERVICE_ACCOUNTS } from '../../kube/resource.ts'
import { type Change, commandOf, type Edit, operationsOf } from './changes.ts'

const store = { resource: ARTIFACT_STORES, namespace: 'ml', name: 'models' }
const label: Change = {
  ...{ kind: 'label', resource: SECRETS, namespace: 'ml', name: 'keys' },
  values: { 'artifactstore.dev/credentials': 'true' },
}

describe('a change as a command', () => {
  for (const [what, change, command] of [
    ['a label', label, 'kubectl label secret keys -n ml --overwrite artifactstore.dev/credentials=true'],
    [
      'a label of what has no namespace',
      { kind: 'label', resource: NAMESPACES, name: 'jobs', values: { a: 'b' } },
      'kubectl label namespace jobs --overwrite a=b',
    ],
    [
      'an annotation',
      { kind: 'annotate', ...store, values: { a: 'two words' } },
      "kubectl annotate artifactstore models -n ml --overwrite 'a=two words'",
    ],
    [
      'a merge patch',
      { kind: 'merge', ...store, patch: { spec: { default: null } } },
      `kubectl patch artifactstore models -n ml --type=merge -p '{"spec":{"default":null}}'`,
    ],
    [
      'a JSON patch',
      { kind: 'json', ...store, operations: [{ op: 'remove', path: '/spec/a' }] },
      `kubectl patch artifactstore models -n ml --type=json -p '[{"op":"remove","path":"/spec/a"}]'`,
    ],
    [
      'a new object',
      { kind: 'create', resource: SERVICE_ACCOUNTS, namespace: 'ml', name: 'runner' },
      'kubectl create serviceaccount runner -n ml',
    ],
  ] as [string, Change, string][]) {
    test(what, () => assert.equal(commandOf(change, {}), command))
  }

  test("the person's context and kubeconfig come first", () => {
    assert.equal(
      commandOf(
        { kind: 'create', resource: SERVICE_ACCOUNTS, namespace: 'ml', name: 'runner' },
        {
          context: "it's $(mine)",
          kubeconfig: '/a b',
        },
      ),
      "kubectl --kubeconfig '/a b' --context 'it'\\''s $(mine)' create serviceaccount runner -n ml",
    )
  })

  test('a value with hostile characters is the same for kubectl, and harmless for a terminal', () => {
    const value = '\u001b[2J\u202e\'"; $(touch owned)'
    const command = commandOf({ kind: 'merge', ...store, patch: { spec: { value } } }, {})
    assert.equal(/[\p{Cc}\p{Cf}]/u.test(command), false)
    const shown = execFileSync('sh', ['-c', command.replace('kubectl', "printf '%s\\n'")], { encoding: 'utf8' })
    assert.deepEqual(JSON.parse(shown.trimEnd().split('\n').at(-1) ?? ''), { spec: { value } })
  })
})

describe('a change as operations on the object as it is', () => {
  const object = {
    ...connector(),
    metadata: { ...connector().metadata, labels: { here: 'old' } },
    spec: { aws: { region: 'a', auth: { x: 1 } }, list: [1, 2] },
  }
  const merge = (patch: object): Edit => ({ kind: 'merge', ...store, patch })
  for (const [what, change, operations] of [
    [
      'a member is replaced',
      merge({ spec: { aws: { region: 'b' } } }),
      [{ op: 'add', path: '/spec/aws/region', value: 'b' }],
    ],
    ['a member is removed', merge({ spec: { aws: null } }), [{ op: 'remove', path: '/spec/aws' }]],
    ['what is not there is not removed', merge({ spec: { suspend: null } }), []],
    ['what is so already is left alone', merge({ spec: { aws: { region: 'a' } } }), []],
    [
      'parents that are missing are made, without members that would be removed',
      merge({ spec: { bucket: { create: true, region: null } } }),
      [{ op: 'add', path: '/spec/bucket', value: { create: true } }],
    ],
    ['a list is replaced as a whole', merge({ spec: { list: [3] } }), [{ op: 'add', path: '/spec/list', value: [3] }]],
  ] as [string, Edit, object[]][]) {
    test(what, () => assert.deepEqual(operationsOf(change, object), operations))
  }
})
