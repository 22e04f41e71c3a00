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

/** CPU time of a fixed piece of work in ms: figures of machines, and of hours, are compared by it. */
export async function fixedWork(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'fixed-work.ts')])
  return Number(stdout)
}
