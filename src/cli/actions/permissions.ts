/** `permissions`: what the connector of a store may really do at its bucket, and which call has shown it. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { ACCESS_VERIFIED, findCondition } from '../../api/conditions.ts'
import { ARTIFACT_STORES } from '../../kube/resource.ts'
import { onCluster } from '../cluster/connect.ts'
import { findStore } from '../cluster/find.ts'
import type { Answer, Invocation, View } from '../frame/command.ts'
import { report } from '../frame/reports.ts'
import { harmless } from '../text/harmless.ts'
import type { Tone } from '../text/style.ts'
import { type Column, table } from '../text/table.ts'
import { wrap } from '../text/width.ts'
import { nameOf } from './references.ts'

const COLUMNS: Column[] = [
  { title: 'ACTION', min: 20 },
  { title: 'RESULT' },
  { title: 'SHOWN BY', drop: 2, min: 12 },
  { title: 'WHY', drop: 1, min: 16 },
]
const TONES: Record<string, Tone> = { Allowed: 'good', Denied: 'bad', Unknown: 'unsure' }

export async function permissions({ arguments: [reference = ''], globals, signal }: Invocation): Promise<Answer> {
  return onCluster(globals, async cluster => {
    const store = await findStore(cluster, reference, signal)
    const found = matrixOf(store)
    return {
      lines: view => lines(found, view),
      data: report('Permissions', found),
      names: [nameOf(ARTIFACT_STORES, store.metadata.name)],
      isFound: found.verified.status !== 'True',
    }
  })
}

export interface Matrix {
  namespace: string
  name: string
  path: string
  verified: { status: 'True' | 'False' | 'Unknown'; reason: string; message: string }
  permissions: NonNullable<NonNullable<ArtifactStore['status']>['permissions']>
}

/** Pure. */
export function matrixOf({ metadata, spec, status }: ArtifactStore): Matrix {
  const condition = findCondition(status?.conditions, ACCESS_VERIFIED)
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    path: spec.path,
    verified: {
      status: condition?.status ?? 'Unknown',
      reason: condition?.reason ?? 'NotSeen',
      message: condition?.message ?? 'the operator has not verified it yet: see "kubectl artifactstore status"',
    },
    permissions: status?.permissions ?? [],
  }
}

function lines({ permissions, verified }: Matrix, { width, paint }: View): string[] {
  const rows = permissions.map(({ action, result, probe, detail }) => [
    harmless(action),
    { text: harmless(result), tone: TONES[result] ?? 'plain' },
    harmless(probe),
    harmless(detail),
  ])
  const { status, reason, message } = verified
  const words = harmless([`AccessVerified is ${status}`, reason, message].filter(Boolean).join(': '))
  return [...(rows.length > 0 ? [...table(COLUMNS, rows, paint, width), ''] : []), ...wrap(words, width)]
}
