import assert from 'node:assert/strict'
import { test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { KubeObject } from '../../api/object.ts'
import { isUnshown } from '../text/harmless.ts'
import { diffOf } from './diff.ts'

const lines = (...given: Parameters<typeof diffOf>) => diffOf(...given).map(({ sign, text }) => `${sign} ${text}`)

test('a diff has the lines that change, and some around them', () => {
  const before = store({ default: true, deletionProtection: true })
  const { default: _, ...spec } = before.spec
  const after: ArtifactStore = { ...before, spec }
  assert.deepEqual(lines(before, after), [
    '    connectorRef:',
    '      name: minio',
    '-   default: true',
    '    deletionProtection: true',
  ])
})

test('a diff of a new object has all of it', () => {
  const account: KubeObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...store().metadata, name: 'runner' },
  }
  assert.deepEqual(lines(undefined, account), ['+ metadata:', '+   name: runner', '+   namespace: ml'])
})

test('a diff shows no annotation that stays as it is, as kubectl writes whole Secrets into one', () => {
  const { metadata } = store()
  const last = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"key":"c2VjcmV0"}}', owner: 'ann' }
  const secret = (labels: Record<string, string>, annotations: Record<string, string>): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, labels, annotations } },
  })
  const before = secret({ team: 'ml' }, last)
  const after = secret({ team: 'ml', new: 'true' }, { ...last, owner: 'bob' })
  assert.deepEqual(lines(before, after), [
    '    labels:',
    '      team: ml',
    '+     new: "true"',
    '    annotations:',
    '+     owner: bob',
    '-     owner: ann',
  ])
})

test('a diff shows nothing of data, and nothing that a terminal would obey', () => {
  const { metadata } = store()
  const secret = (labels: Record<string, string>, data: object): KubeObject & { data: object } => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, labels }, data },
  })
  const hostile = { hostile: '\u001b[2Jred' }
  const shown = lines(secret({}, { key: 'c2VjcmV0' }), secret(hostile, { key: 'b3RoZXI=' })).join('\n')
  assert.match(shown, /^\+ {3}labels:$/m)
  assert.doesNotMatch(shown, /c2VjcmV0|b3RoZXI/)
  assert.equal(isUnshown(shown.replaceAll('\n', '')), false)
})
