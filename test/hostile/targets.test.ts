/** A store that leads to as many namespaces as there are: planning it costs no more than they are many. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectKey } from '../../src/api/object.ts'
import { planStore } from '../../src/stores/plan/plan.ts'
import { obsoleteSecrets } from '../../src/stores/plan/targets.ts'
import { fakeProvider, fakeView, minutes, NOW, projectedSecret, store } from '../support/objects.ts'
import { growth, LINEAR } from './growth.ts'

const ENTRIES = 16
const object = store({
  credentials: Array.from({ length: ENTRIES }, (_, index) => ({
    name: `role-${index}`,
    formats: ['AwsProfile'],
    namespaces: { selector: {} },
  })),
  allowedNamespaces: { from: 'All' },
})

/** A cluster in which each target has its Secret already: all of it must be looked at. */
function cluster(namespaces: number, maxTargets: number) {
  const names = Array.from({ length: namespaces }, (_, index) => `tenant-${index}`)
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const secrets = new Map(
    names.flatMap(namespace =>
      Array.from({ length: ENTRIES }, (_, index) => {
        const secret = projectedSecret(`prod-role-${index}`, stamp, namespace)
        return [`${namespace}/${secret.metadata.name}` as ObjectKey, secret] as const
      }),
    ),
  )
  return fakeView({
    maxTargets,
    namespaceLabels: () => ({}),
    namespacesMatching: () => names,
    secret: key => secrets.get(key),
    secretsOf: () => [...secrets.values()],
  })
}

const bounds: [name: string, maxTargets: number][] = [
  ['all of which are served', 1_000_000],
  ['most of which are too many', 500],
]
for (const [name, maxTargets] of bounds) {
  test(`a plan with twice as many targets, ${name}, takes about twice the time`, () => {
    const ratio = growth(300, count => {
      const view = cluster(count, maxTargets)
      return () => {
        const plan = planStore(object, view, { aws: fakeProvider })
        assert.equal(plan.kind, 'plan')
        obsoleteSecrets(object, view)
      }
    })
    assert.ok(ratio <= LINEAR, `${ratio}`)
  })
}

test('a plan has no more targets than are allowed, and one that stands for the others', () => {
  const plan = planStore(object, cluster(600, 500), { aws: fakeProvider })
  assert.ok(plan.kind === 'plan')
  assert.equal(plan.targets.length, 501)
  assert.equal(plan.targets.filter(({ excluded }) => excluded).length, 1)
})

test('the hash of what Secrets are made from is made once an entry, not once a namespace', () => {
  const plan = planStore(object, cluster(600, 1_000_000), { aws: fakeProvider })
  assert.ok(plan.kind === 'plan')
  assert.equal(plan.targets.length, 600 * ENTRIES)
  assert.equal(new Set(plan.targets.map(({ grant }) => grant.split('.')[0])).size, ENTRIES)
  assert.equal(new Set(plan.targets.map(({ grant, role }) => `${role} ${grant}`)).size, 600 * ENTRIES)
})

test('each namespace is judged once a plan, however many entries lead to it', () => {
  const judged: string[] = []
  const view = {
    ...cluster(600, 500),
    namespaceLabels(name: string) {
      judged.push(name)
      return {}
    },
  }
  assert.equal(planStore(object, view, { aws: fakeProvider }).kind, 'plan')
  assert.equal(judged.filter(name => name === 'tenant-1').length, 1)
})

test('which Secrets are obsolete is judged without a look at namespaces that have none', () => {
  const judged = new Set<string>()
  const view = {
    ...cluster(10, 500),
    namespacesMatching: () => assert.fail('all namespaces are looked at'),
    namespaceLabels(name: string) {
      judged.add(name)
      return {}
    },
  }
  assert.deepEqual(obsoleteSecrets(object, view), [])
  assert.equal(judged.size, 10)
})

test('a plan with twice as many namespaces beyond the cap, and as many Secrets, takes about twice the time', () => {
  const few = cluster(20, 320)
  const ratio = growth(2_000, count => {
    const names = Array.from({ length: count }, (_, index) => `tenant-${index}`)
    const view = { ...few, namespacesMatching: () => names }
    return () => {
      assert.equal(planStore(object, view, { aws: fakeProvider }).kind, 'plan')
      assert.deepEqual(obsoleteSecrets(object, view), [])
    }
  })
  assert.ok(ratio <= LINEAR, `${ratio}`)
})
