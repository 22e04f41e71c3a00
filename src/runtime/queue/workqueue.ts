/**
 * Keys that wait for a worker. At any time:
 * - a key is worked on by one worker at a time; one that is added meanwhile runs again afterwards;
 * - a key waits once, however often it was added;
 * - urgent keys (something changed) go before routine ones (timers, retries), but every `routineEvery`-th pick is
 *   routine, and routine work leaves at least one worker to urgent keys: neither lane starves;
 * - no more keys of a group have a worker than its limit allows: work that hangs delays its own groups only;
 * - in each lane the owner whose keys took least time of late is next: work that there is much of delays its owner only;
 * - while the process is busy only a few workers take keys, so that it is the turns and the lanes that share it.
 *
 * The groups of a key are looked up when it is added and when its turn comes. A change of them while the key has a
 * worker counts from the next time on.
 */
import type { KeyedBackoff } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import { FairLane, type Ready } from './fair-lane.ts'
import { KeyHeap } from './key-heap.ts'
import { type Group, type Lane, type Limit, Occupancy, routinePlaces } from './occupancy.ts'
import { RecentUse } from './recent-use.ts'

export type { Lane } from './occupancy.ts'

export interface QueueHooks {
  /** Keys that are ready and have no worker yet. */
  depth(keys: number): void
  /** How long a key was ready before a worker took it, in ms. */
  latency(ms: number, lane: Lane): void
}

export interface WorkQueueOptions {
  clock: Clock
  backoff: KeyedBackoff
  /** How many workers call `next`. Routine keys get all of them but one. */
  workers: number
  /** Limits, in all of which a key must have room. Default: none. */
  limits?: readonly Limit[]
  /** How many workers may be computing while the process is busy, a quarter of them, or two, for routine keys. Default: all. */
  busy?: { workers: number; isBusy(): boolean }
  /** Whose work a key is, and what each owner used of late, also of other queues. Default: all are of one owner. */
  owners?: { of(key: string): string; use: RecentUse }
  /** Picks of which at least one is routine, while routine keys wait. Default 8. */
  routineEvery?: number
  hooks?: QueueHooks
}

export interface WorkQueue {
  /** Makes the key ready now. A delay that it had is void. */
  add(key: string, lane: Lane): void
  /**
   * Makes the key ready later, in the routine lane. Of two delays the earlier stays; a key that is ready stays so. Long delays
   * end up to a quarter of a second later, together with others.
   */
  addAfter(key: string, ms: number): void
  /** Makes the key ready later, after its backoff. */
  retry(key: string): void
  /** Makes the key's next backoff the first one again. */
  resetBackoff(key: string): void
  /** Waits for a key; undefined after `shutdown`. Each key must be given back with `done`. */
  next(): Promise<string | undefined>
  /** The lane from which a key came that has a worker. */
  laneOf(key: string): Lane | undefined
  done(key: string): void
  /** Looks again which keys may have a worker: the process is no longer busy. */
  reconsider(): void
  /** Drops all keys that wait and ends all `next`. Keys that have a worker are not affected. */
  shutdown(): void
}

/** A worker that has had its key for longer waits for an answer, most likely. */
const WAITS_AFTER_MS = 1_000

/**
 * What comes by the clock comes together: a process that is woken for each alone takes a third more CPU for it. What comes
 * beside many at once waits for them: with 17 of them a second, once a second would be twice as long for one in a hundred.
 */
const LONG_MS = 30_000
const TOGETHER_MS = 250

/** A worker with a key, since so many monotonic ms. */
interface Work {
  owner: string
  lane: Lane
  groups: readonly Group[]
  since: number
  /** Ms that it counts as until it is done. */
  begun: number
}

const ONE_OWNER = { of: () => '' }

const ROOM = { any: true, routine: true }

const isRoutine = ({ lane }: Work): boolean => lane === 'routine'

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, backoff, hooks, busy, routineEvery = 8 } = options
  const routineWorkers = routinePlaces(options.workers)
  const occupancy = new Occupancy(options.limits ?? [])
  const { of: ownerOf, use } = options.owners ?? { ...ONE_OWNER, use: new RecentUse() }
  const fairLane = (lane: Lane) =>
    new FairLane({
      hasRoom: group => occupancy.hasRoom(group, lane),
      levelOf: owner => use.levelOf(owner),
      placesOf: (owner, group) => occupancy.placesOf(owner, group),
    })
  const lanes = { urgent: fairLane('urgent'), routine: fairLane('routine') }
  const delayed = new KeyHeap()
  /** Keys that have a worker, with the lane they came from. */
  const active = new Map<string, Work>()
  /** Active keys that were added again, with the lane they go to. */
  const again = new Map<string, Lane>()
  const waiters: ((key: string | undefined) => void)[] = []
  let routineActive = 0
  let cancelLook: (() => void) | undefined
  let urgentInARow = 0
  let closed = false
  let timer: { at: number; cancel: () => void } | undefined

  const depth = () => hooks?.depth(lanes.urgent.size + lanes.routine.size)
  const laneWith = (key: string) => (['urgent', 'routine'] as const).find(lane => lanes[lane].get(key))

  function add(key: string, lane: Lane): void {
    if (closed) return
    delayed.delete(key)
    arm()
    enqueue(key, lane)
  }

  function enqueue(key: string, lane: Lane): void {
    if (active.has(key)) {
      if (again.get(key) !== 'urgent') again.set(key, lane)
      return
    }
    const groups = occupancy.groupsOf(key)
    const from = laneWith(key)
    const to = from === 'urgent' ? from : lane
    const waiting = from && lanes[from].get(key)
    if (waiting && from === to && isSame(waiting.groups, groups)) return
    if (from) lanes[from].take(key)
    lanes[to].push({ key, owner: ownerOf(key), since: waiting?.since ?? clock.monotonic(), groups })
    depth()
    dispatch()
  }

  function addAfter(key: string, ms: number): void {
    if (closed || laneWith(key)) return
    delayed.add(key, endOf(clock.monotonic(), Math.max(0, ms)))
    arm()
  }

  /** Keeps one timer, for the first key that falls due. */
  function arm(): void {
    const at = delayed.nextAt
    if (timer && timer.at === at) return
    timer?.cancel()
    timer = at === undefined ? undefined : { at, cancel: clock.after(Math.max(0, at - clock.monotonic()), promote) }
  }

  function promote(): void {
    timer = undefined
    const now = clock.monotonic()
    for (let key = delayed.take(now); key !== undefined; key = delayed.take(now)) enqueue(key, 'routine')
    arm()
  }

  /** Whether a key, and a routine one, may have a worker beside those that compute. */
  function roomWhileBusy(workers: number): typeof ROOM {
    const since = clock.monotonic() - WAITS_AFTER_MS
    // The longest at it first.
    const computing = [...active.values()].filter(work => work.since > since)
    const any = computing.length < workers
    const routine = computing.filter(isRoutine).length < Math.max(2, workers / 4)
    // When the first of them waits, too, others may have a key.
    if (computing[0] && !(any && routine)) lookWhenWaits(computing[0])
    return { any, routine }
  }

  function pick(): { entry: Ready; lane: Lane } | undefined {
    if (lanes.urgent.size + lanes.routine.size === 0) return undefined
    const room = busy?.isBusy() ? roomWhileBusy(busy.workers) : ROOM
    if (!room.any) return undefined
    const routineMay = lanes.routine.size > 0 && routineActive < routineWorkers && room.routine
    const routineFirst = routineMay && urgentInARow >= routineEvery - 1
    const order: Lane[] = routineFirst ? ['routine', 'urgent'] : routineMay ? ['urgent', 'routine'] : ['urgent']
    for (const lane of order) {
      const entry = shift(lane)
      if (!entry) continue
      urgentInARow = routineMay && lane === 'urgent' ? urgentInARow + 1 : 0
      return { entry, lane }
    }
    return undefined
  }

  function lookWhenWaits({ since }: Work): void {
    cancelLook ??= clock.after(since + WAITS_AFTER_MS - clock.monotonic(), () => {
      cancelLook = undefined
      dispatch()
    })
  }

  /** Takes the next key. One whose groups have changed while it waited goes on waiting in its new groups. */
  function shift(lane: Lane): Ready | undefined {
    for (let entry = lanes[lane].shift(); entry; entry = lanes[lane].shift()) {
      const groups = occupancy.groupsOf(entry.key)
      if (isSame(groups, entry.groups)) return entry
      lanes[lane].push({ ...entry, groups })
      free(entry.groups)
    }
    return undefined
  }

  /** Offers the freed places to other keys. `by`: who had them. */
  function free(groups: readonly Group[], by?: string): void {
    for (const lane of [lanes.urgent, lanes.routine]) lane.freed(groups, by)
  }

  function dispatch(): void {
    while (waiters.length > 0) {
      const picked = pick()
      if (!picked) return
      const { entry, lane } = picked
      const { key, owner, since, groups } = entry
      const now = clock.monotonic()
      active.set(key, { owner, lane, groups, since: now, begun: use.begin(owner, now) })
      occupancy.enter(groups, { owner, lane })
      if (lane === 'routine') routineActive++
      depth()
      hooks?.latency(now - since, lane)
      waiters.shift()?.(key)
    }
  }

  return {
    add,
    addAfter,
    retry(key) {
      addAfter(key, backoff.next(key))
    },
    resetBackoff: key => backoff.forget(key),
    next: () =>
      new Promise(resolve => {
        if (closed) return resolve(undefined)
        waiters.push(resolve)
        dispatch()
      }),
    laneOf: key => active.get(key)?.lane,
    done(key) {
      const work = active.get(key)
      if (!work) throw new Error(`done("${key}"): the key has no worker`)
      const { owner, lane, groups, since, begun } = work
      const now = clock.monotonic()
      use.end(owner, { begun, ms: Math.min(now - since, WAITS_AFTER_MS) }, now)
      active.delete(key)
      occupancy.leave(groups, work)
      if (lane === 'routine') routineActive--
      free(groups, owner)
      const next = again.get(key)
      again.delete(key)
      if (next) add(key, next)
      else dispatch()
    },
    reconsider: dispatch,
    shutdown() {
      closed = true
      timer?.cancel()
      timer = undefined
      cancelLook?.()
      delayed.clear()
      again.clear()
      lanes.urgent.clear()
      lanes.routine.clear()
      depth()
      for (const resolve of waiters.splice(0)) resolve(undefined)
    },
  }
}

const isSame = (groups: readonly Group[], others: readonly Group[]): boolean =>
  groups.length === others.length && groups.every(({ name }, index) => name === others[index]?.name)

/** When a delay ends that begins now. */
const endOf = (now: number, ms: number): number =>
  ms < LONG_MS ? now + ms : Math.ceil((now + ms) / TOGETHER_MS) * TOGETHER_MS
