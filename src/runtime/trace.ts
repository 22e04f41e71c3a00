/** What a trace tells of a reconcile. */
import { type Condition, findCondition, READY } from '../api/conditions.ts'
import { isFailure } from '../api/failures.ts'
import type { ObjectKey } from '../api/object.ts'
import type { Resource } from '../kube/resource.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import type { Outcome } from './outcome.ts'
import type { Lane } from './queue/workqueue.ts'

interface About {
  resource: Resource
  key: ObjectKey
  /** Why it is reconciled: something has changed, or it was time. */
  lane: Lane | undefined
}

/** Makes a trace of a reconcile, whose result is undefined when it was aborted. */
export function reconcileSpan<R extends string | undefined>(
  tracer: Tracer,
  { resource: { kind }, key, lane }: About,
  reconcile: () => Promise<R>,
): Promise<R> {
  const [namespace, name] = key.split('/')
  const about = {
    'artifactstore.kind': kind,
    'artifactstore.namespace': namespace,
    'artifactstore.name': name,
    'artifactstore.lane': lane,
  }
  return tracer.span(`reconcile ${kind}`, about, async () => {
    const result = await reconcile()
    tracer.tell({ 'artifactstore.outcome': result ?? 'aborted' })
    return result
  })
}

/** Tells what became of the object: the reason of Ready, and what keeps it from going on. */
export function tellOutcome(tracer: Tracer, { status, next }: Outcome<{ conditions?: Condition[] }>): void {
  tracer.tell({ 'artifactstore.reason': findCondition(status?.conditions, READY)?.reason })
  if (next !== 'await-change' && isFailure(next)) tracer.failed(next)
}
