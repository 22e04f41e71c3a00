import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeMaterial, fakeSession, fakeView, goodProbe, projectedSecret, store } from '../../test/support/objects.ts'
import { guarded, storeLab } from '../../test/support/store-context.ts'
import { stalled } from '../api/failures.ts'
import type { ProjectedSecret } from './plan/projected-secret.ts'
import { reconcileStore } from './reconcile.ts'

const names = Array.from({ length: 40 }, (_, index) => `team-${index + 10}`)
const isFull = (namespace: string): boolean => names.indexOf(namespace) < 30
const fanOut = guarded(
  store({
    allowedNamespaces: { from: 'All' },
    credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces: { selector: {} } }],
  }),
)

test('namespaces that refuse their Secrets, and use up the time for grants, delay none of the others', async () => {
  const secrets = new Map<string, ProjectedSecret>()
  const session = fakeSession({
    probe: async () => goodProbe,
    async grant() {
      lab.now = new Date(lab.now.getTime() + 2_000)
      return { kind: 'grant', material: fakeMaterial, issuedAt: lab.now, expiresAt: undefined }
    },
  })
  const view = fakeView({
    namespaceLabels: () => ({}),
    namespacesMatching: () => names,
    secret: key => secrets.get(key),
  })
  const lab = storeLab({ sessions: { get: async () => session }, view })
  lab.context.writer.write = async ({ target: { namespace }, name, stamp }) => {
    if (isFull(namespace)) return stalled('QuotaExceeded', 'full')
    secrets.set(`${namespace}/${name}`, projectedSecret(name, stamp, namespace))
    return undefined
  }
  for (let round = 0; round < 40; round++) {
    const { status } = await reconcileStore(fanOut, lab.context, AbortSignal.timeout(5_000))
    const listed = status?.credentials?.map(({ namespace }) => namespace) ?? []
    assert.deepEqual(listed, listed.toSorted(), 'status has one order')
    lab.now = new Date(lab.now.getTime() + 1_000)
  }
  assert.equal(secrets.size, 10)
})
