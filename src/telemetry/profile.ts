/**
 * What a process does with its time and its memory, when a person asks for it by a signal. Profiles have names of functions
 * and files, times and sizes, and no values. A snapshot of the heap would hold keys and tokens, so there is none.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'

export interface ProfileOptions {
  /** Folder for profiles, which replace those of before. Undefined: none are written. */
  directory: string | undefined
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
  /** For how long it is profiled. */
  ms?: number
}

const PROFILE_MS = 30_000

/** Returns what is to be done at the signal: it tells how much memory is used for what, and writes profiles. */
export function createProfiler({ directory, log, ms = PROFILE_MS }: ProfileOptions): () => Promise<void> {
  let running = false
  return async () => {
    const spaces = getHeapSpaceStatistics().map(space => [space.space_name, space.space_used_size])
    log.info({ memory: process.memoryUsage(), heap: Object.fromEntries(spaces) }, 'memory in use, in bytes')
    if (directory === undefined || running) return
    running = true
    try {
      log.info({ directory, ms }, 'profiling')
      await writeProfiles(directory, ms)
      log.info({ directory }, 'operator.cpuprofile and operator.heapprofile are written')
    } catch (error) {
      log.warn({ err: error, directory }, 'no profile was written')
    } finally {
      running = false
    }
  }
}

async function writeProfiles(directory: string, ms: number): Promise<void> {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await session.post('HeapProfiler.startSampling')
    await sleep(ms, undefined, { ref: false })
    const time = await session.post('Profiler.stop')
    const memory = await session.post('HeapProfiler.stopSampling')
    await writeFile(join(directory, 'operator.cpuprofile'), JSON.stringify(time.profile))
    await writeFile(join(directory, 'operator.heapprofile'), JSON.stringify(memory.profile))
  } finally {
    session.disconnect()
  }
}
