/** What this machine says of processes, and of its own speed. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Memory of a process in MiB: now, and the most that it ever was. */
export function memoryOf({ pid }: { pid: number }): { now: number; peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024)
  return { now: mib('VmRSS'), peak: mib('VmHWM') }
}

/** Linux counts in hundredths of a second for all processes. */
const TICKS_A_SECOND = 100

/** CPU time that a process has taken, in seconds. To ask it for its metrics would take some itself. */
export function cpuOf({ pid }: { pid: number }): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // What follows the name, which may have blanks.
  const [user = 0, system = 0] = text.slice(text.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  return (user + system) / TICKS_A_SECOND
}

/** CPU time of a fixed piece of work in ms: figures of machines, and of hours, are compared by it. */
export async function fixedWork(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'fixed-work.ts')])
  return Number(stdout)
}
