import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeLog } from '../../test/support/runtime/fakes.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { watchInstalledCrds } from './installed-crds.ts'

const STORES = 'artifactstores.artifactstore.dev'
const CURE =
  /: run "kubectl apply --server-side --force-conflicts -f crds\/artifactstore\.dev_artifactstores\.yaml" with/
const WELL = { ServiceConnector: [], ArtifactStore: [] }

/** An API server whose CRDs lack what a test says, and an operator that looks at them. */
async function setUp(context: TestContext, lacking: Record<string, string[] | undefined>) {
  const state = { lacking, refusal: undefined as Error | undefined, asked: 0 }
  const client = {
    async raw(path: string) {
      if (path !== '/openapi/v3') state.asked++
      if (state.refusal) throw state.refusal
      return {}
    },
  }
  const [clock, log] = [createFakeClock(), fakeLog()]
  const crds = watchInstalledCrds({ client, clock, log, random: () => 0, compare: () => state.lacking })
  context.after(() => crds.stop())
  await settle()
  /** Publishes other CRDs. */
  const install = (fields: Record<string, string[] | undefined>) => {
    state.lacking = fields
  }
  return { state, clock, log, crds, install }
}

test('CRDs that have all are not spoken of, and their schemas are read every ten minutes', async context => {
  const { state, clock, log, crds } = await setUp(context, WELL)
  await clock.advance(3_600_000)
  assert.deepEqual([crds.notes(), log.lines], [[], []])
  assert.deepEqual(crds.samples(), [
    { labels: { crd: 'serviceconnectors.artifactstore.dev' }, value: 0 },
    { labels: { crd: STORES }, value: 0 },
  ])
  assert.equal(state.asked, 1 + 6)
})

test('a CRD that lacks fields is told with the command that cures it, in the log once', async context => {
  const { clock, log, crds } = await setUp(context, { ...WELL, ArtifactStore: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] })
  await clock.advance(60_000)
  const [note = '', ...others] = crds.notes()
  assert.match(note, /^CRD artifactstores\.artifactstore\.dev is older .* lacks a, b, c, d, e and 2 more, /)
  assert.match(note, CURE)
  assert.deepEqual([others, log.messages('warn')], [[], [note]])
  assert.deepEqual(crds.samples().at(1), { labels: { crd: STORES }, value: 1 })
})

test('a CRD that is not installed is told with the command that installs it', async context => {
  const { crds } = await setUp(context, { ...WELL, ArtifactStore: undefined })
  assert.match(crds.notes().join(), /^CRD artifactstores\.artifactstore\.dev is not installed: run "kubectl apply/)
})

test('a CRD that was cured is noticed within seconds, and the log says so', async context => {
  const { clock, log, crds, install } = await setUp(context, { ...WELL, ArtifactStore: ['spec.a'] })
  install(WELL)
  await clock.advance(10_000)
  assert.deepEqual(crds.notes(), [])
  assert.deepEqual(log.messages('info'), ['the installed CRDs have all that this operator knows'])
})

test('a CRD that others replace by an older one is noticed while the operator runs', async context => {
  const { clock, log, crds, install } = await setUp(context, WELL)
  install({ ...WELL, ArtifactStore: ['spec.a'] })
  await clock.advance(600_000)
  assert.equal(crds.notes().length, 1)
  assert.equal(log.messages('warn').length, 1)
})

for (const code of [401, 403, 404]) {
  test(`an API server that refuses its schemas by ${code} is asked seldom, and what is unknown is said once`, async context => {
    const { state, clock, log, crds, install } = await setUp(context, { ...WELL, ArtifactStore: ['spec.a'] })
    state.refusal = new ApiError(code, {}, 'get')
    await clock.advance(10_000)
    const { asked } = state
    await clock.advance(3 * 3_600_000)
    assert.deepEqual([crds.notes(), crds.samples(), log.messages('info').length], [[], [], 1])
    assert.match(log.messages('info').join(), /it is unknown whether .* ClusterRole system:discovery/)
    assert.equal(state.asked - asked, 3)
    state.refusal = undefined
    install(WELL)
    await clock.advance(3_600_000)
    assert.equal(crds.samples().length, 2)
  })
}

test('an API server that refuses for a moment, as one does that starts, is asked again within minutes', async context => {
  const { state, clock, crds } = await setUp(context, { ...WELL, ArtifactStore: ['spec.a'] })
  state.refusal = new ApiError(403, {}, 'get')
  await clock.advance(10_000)
  assert.deepEqual(crds.samples(), [])
  state.refusal = undefined
  await clock.advance(60_000)
  assert.equal(crds.samples().length, 2)
})

test('an API server that does not answer takes nothing from what is known, and is asked again', async context => {
  const { state, clock, log, crds, install } = await setUp(context, { ...WELL, ArtifactStore: ['spec.a'] })
  state.refusal = new TransportError('reset')
  await clock.advance(120_000)
  assert.deepEqual([crds.notes().length, log.lines.length], [1, 1])
  state.refusal = undefined
  install(WELL)
  await clock.advance(60_000)
  assert.deepEqual(crds.notes(), [])
})

test('a cure is noticed as soon where a look between had no answer, as while the CRDs are being published', async context => {
  const { state, clock, crds, install } = await setUp(context, { ...WELL, ArtifactStore: undefined })
  state.refusal = new TransportError('being published')
  await clock.advance(10_000)
  state.refusal = undefined
  install(WELL)
  await clock.advance(10_000)
  assert.deepEqual(crds.notes(), [])
})

test('nothing is asked any more once it has stopped', async context => {
  const { state, clock, crds } = await setUp(context, WELL)
  crds.stop()
  const { asked } = state
  await clock.advance(3_600_000)
  assert.deepEqual([state.asked, clock.timers()], [asked, 0])
})
