/** A store's reconciler with a session that can do everything, and what it called. */
import type { CredentialsEntry } from '../../src/api/artifact-store.ts'
import type { Grant, Session } from '../../src/providers/provider.ts'
import type { StoreView } from '../../src/stores/plan/view.ts'
import { reconcileStore } from '../../src/stores/reconcile.ts'
import { fakeMaterial, fakeSession, fakeView, goodProbe, minutes, NOW, store } from './objects.ts'
import { storeLab } from './store-context.ts'

const grant: Grant = {
  kind: 'grant',
  material: fakeMaterial,
  issuedAt: NOW,
  expiresAt: minutes(60),
}
export const credentials: CredentialsEntry[] = [{ name: 'step', formats: ['AwsProfile'] }]

export function setUp(session: Partial<Session> = {}, view: Partial<StoreView> = {}) {
  const opened = fakeSession({ probe: async () => goodProbe, grant: async () => grant, ...session })
  const lab = storeLab({ sessions: { get: async () => opened }, view: fakeView(view) })
  const run = (object = store()) => reconcileStore(object, lab.context, AbortSignal.timeout(5_000))
  const reason = async (object = store()) => (await run(object)).status?.conditions?.[0]?.reason
  return { lab, calls: lab.calls, run, reason }
}

export const conditionsOf = ({ status }: Awaited<ReturnType<typeof reconcileStore>>): string[] =>
  status?.conditions?.map(({ type, status, reason }) => `${type}=${status}/${reason}`) ?? []
