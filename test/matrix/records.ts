/** The records of the last runs of `make test-matrix` and `make test-operate`, of which docs/support.md is made. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesRelease } from '../cluster/tools.ts'
import type { Tally } from '../tally.ts'

export interface MatrixRecord extends Tally {
  /** The version, such as `v1.36.3`. */
  kubernetes: string
}

/** The versions of Kubernetes that are tested, the oldest first. */
export const RECORDS: readonly KubernetesRelease[] = ['oldest', 'current']

export const recordPath = (release: KubernetesRelease): string => join(import.meta.dirname, `found/${release}.json`)

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

export const matrixRecords = (): MatrixRecord[] => RECORDS.map(release => read(recordPath(release)))

export const operateRecord = (): Tally => read(join(import.meta.dirname, '../operate/found.json'))
