import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { azureCases } from '../../test/e2e/api/crd-cases-azure.ts'
import { connectorCases } from '../../test/e2e/api/crd-cases-connector.ts'
import { expirationCases, lendingCases } from '../../test/e2e/api/crd-cases-consent.ts'
import { consumerCases } from '../../test/e2e/api/crd-cases-consumers.ts'
import { storeCases } from '../../test/e2e/api/crd-cases-store.ts'
import { parseArtifactStoreSpec } from './artifact-store.ts'
import { isFailure } from './failures.ts'
import { parseServiceConnectorSpec } from './service-connector.ts'

const parsers = { ArtifactStore: parseArtifactStoreSpec, ServiceConnector: parseServiceConnectorSpec }

for (const [kind, cases] of Object.entries({
  ArtifactStore: [...storeCases, ...expirationCases, ...consumerCases],
  ServiceConnector: [...connectorCases, ...azureCases, ...lendingCases],
})) {
  suite(`parse ${kind} spec`, () => {
    for (const { name, spec, refused, before } of cases) {
      // Only the API server sees what changes and how an object is called.
      const message = typeof refused === 'object' ? refused.code : refused
      if (before || (refused && !message)) continue
      test(`${message ? 'refuses' : 'takes'}: ${name}`, () => {
        const given = JSON.parse(JSON.stringify(spec))
        const parsed = parsers[kind as keyof typeof parsers](given)
        if (!message) return assert.deepEqual(parsed, given)
        assert.ok(isFailure(parsed), 'was accepted')
        assert.equal(parsed.intent, 'stalled')
        assert.equal(parsed.reason, 'InvalidSpec')
        assert.ok(parsed.message.includes(message), `${parsed.message}\nlacks: ${message}`)
      })
    }
  })
}

suite('parse', () => {
  test('members that the schema does not know are dropped', () => {
    const spec = { path: 's3://mlx', connectorRef: { name: 'aws' } }
    assert.deepEqual(parseArtifactStoreSpec({ ...spec, later: true }), spec)
  })

  test('the message names the field with its place in a list', () => {
    const parsed = parseArtifactStoreSpec({
      path: 's3://mlx',
      connectorRef: { name: 'aws' },
      credentials: [{ name: 'a', formats: ['Env'], duration: '1m' }],
    })
    assert.ok(isFailure(parsed))
    assert.equal(
      parsed.message,
      'spec.credentials[0].duration: duration must be a duration from 15m to 12h: write hours, minutes and seconds such as "1h30m"',
    )
  })

  test('the message stays short when much is wrong', () => {
    const parsed = parseArtifactStoreSpec({ path: 1, connectorRef: 1, displayName: 1, default: 1, suspend: 1 })
    assert.ok(isFailure(parsed))
    assert.equal(
      parsed.message,
      'spec.path: has the wrong type: give it as string; spec.connectorRef: has the wrong type: give it as object; ' +
        'spec.displayName: has the wrong type: give it as string (and 2 more)',
    )
  })

  for (const [name, spec, message] of [
    ['nothing', undefined, 'spec: is required: add it'],
    ['null', null, 'spec: has the wrong type: give it as object'],
    ['a text', 'x', 'spec: has the wrong type: give it as object'],
  ] as const) {
    test(`refuses ${name} instead of a spec`, () => {
      const parsed = parseArtifactStoreSpec(spec)
      assert.ok(isFailure(parsed))
      assert.equal(parsed.message, message)
    })
  }
})
