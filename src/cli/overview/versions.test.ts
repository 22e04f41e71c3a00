import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operatorRow, skewOf } from './versions.ts'

const deployment = (image: string) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'operator', namespace: 'system', uid: 'u', resourceVersion: '1' },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'sidecar', image: 'x:9.9.9' },
          { name: 'operator', image },
        ],
      },
    },
  },
})

for (const [image, version] of [
  ['ghcr.io/a/operator:0.1.0', '0.1.0'],
  ['registry:5000/operator:v1.2.3-rc.1', '1.2.3-rc.1'],
  [`ghcr.io/a/operator:0.1.0@sha256:${'a'.repeat(64)}`, '0.1.0'],
  ['registry:5000/operator', undefined],
  ['operator:dev', undefined],
] as const) {
  test(`the image ${image.slice(0, 40)} is of ${version ?? 'an unknown version'}`, () =>
    assert.equal(operatorRow(deployment(image)).version, version))
}

const operator = (version?: string) => ({ namespace: 's', name: 'o', image: 'i', ...(version ? { version } : {}) })
for (const [name, versions, want] of [
  ['the same versions', { operators: [operator('0.1.7')] }, []],
  ['an operator of an unknown version', { operators: [operator()] }, []],
  ['an older operator', { operators: [operator('0.0.9')] }, ['upgrade the operator']],
  ['a newer operator', { operators: [operator('1.0.0')] }, ['upgrade this program']],
  ['no CRDs', { served: [] }, ["install the operator's CRDs"]],
  ['another version of the API', { served: ['v2'] }, ['use a version of this program that speaks it']],
] as const) {
  test(`${name}: ${want.length > 0 ? want.join() : 'no skew'}`, () => {
    const all = { client: '0.1.0', spoken: 'v1alpha1', served: ['v1alpha1'], operators: [], ...versions }
    const skew = skewOf({ ...all, served: [...all.served], operators: [...all.operators] })
    assert.equal(skew.length, want.length)
    for (const [at, cure] of want.entries()) assert.ok(skew[at]?.endsWith(cure), skew[at])
  })
}
