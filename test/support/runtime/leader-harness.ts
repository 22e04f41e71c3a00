/** Replicas that compete for a Lease, and the server that stores it. */
import type { KubeObject } from '../../../src/api/object.ts'
import type { Client } from '../../../src/kube/client.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { createLeader } from '../../../src/runtime/leader.ts'
import type { LeaseSpec } from '../../../src/runtime/lease-record.ts'
import { type FakeClock, settle } from './fake-clock.ts'
import { fakeClient, fakeLog } from './fakes.ts'

type Lease = KubeObject & { spec: LeaseSpec }

/** A Lease with optimistic locking. `fail` decides how the calls of a replica fail. */
export function leaseServer() {
  let lease: Lease | undefined
  let version = 0
  const store = (object: unknown): Lease => {
    const given = object as Lease
    lease = { ...given, metadata: { ...given.metadata, uid: 'uid', resourceVersion: String(++version) } }
    return structuredClone(lease)
  }
  const client = (fail: () => Promise<void>, calls: string[]): Client =>
    fakeClient({
      async get<T extends KubeObject>() {
        calls.push('get')
        await fail()
        if (!lease) throw new ApiError(404, { reason: 'NotFound' }, 'get lease')
        return structuredClone(lease) as unknown as T
      },
      async create<T extends KubeObject>(_: unknown, object: object) {
        calls.push('create')
        await fail()
        if (lease) throw new ApiError(409, { reason: 'AlreadyExists' }, 'create lease')
        return store(object) as unknown as T
      },
      async replace<T extends KubeObject>(_: unknown, object: T) {
        calls.push('replace')
        await fail()
        if (lease?.metadata.resourceVersion !== object.metadata.resourceVersion) {
          throw new ApiError(409, { reason: 'Conflict' }, 'replace lease')
        }
        return store(object) as unknown as T
      },
    })
  return {
    client,
    spec: () => lease?.spec ?? {},
    edit: (spec: LeaseSpec) => void (lease && store({ ...lease, spec: { ...lease.spec, ...spec } })),
    remove: () => {
      lease = undefined
    },
  }
}

export function replica(server: ReturnType<typeof leaseServer>, clock: FakeClock, identity: string) {
  const calls: string[] = []
  const lost: { why: string; at: number }[] = []
  const gauge: boolean[] = []
  const stop = new AbortController()
  const state = { acquired: undefined as boolean | undefined, fail: async () => {} }
  const leader = createLeader({
    client: server.client(() => state.fail(), calls),
    namespace: 'system',
    name: 'operator',
    identity,
    clock,
    random: () => 0.5,
    log: fakeLog(),
    leading: leads => void gauge.push(leads),
  })
  const acquire = async () => {
    leader
      .acquire(stop.signal, why => lost.push({ why, at: clock.monotonic() }))
      .then(acquired => {
        state.acquired = acquired
      })
    await settle()
  }
  return { leader, acquire, calls, lost, gauge, stop, state }
}
