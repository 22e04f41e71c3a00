/** `suspend` and `resume`: the operator stops looking at an object, and looks at it again. */
import type { JsonPatchOperation } from '../../kube/client.ts'
import { change } from '../cluster/change.ts'
import { onCluster } from '../cluster/connect.ts'
import { find } from '../cluster/find.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import type { healthOf } from '../overview/health.ts'
import { awaitResult, isSettled, resultsAnswer, timeoutOf } from './await.ts'

export const suspend = (invocation: Invocation): Promise<Answer> => setSuspended(invocation, true)
export const resume = (invocation: Invocation): Promise<Answer> => setSuspended(invocation, false)

async function setSuspended(invocation: Invocation, suspended: boolean): Promise<Answer> {
  const {
    arguments: [reference = ''],
    globals,
    signal,
  } = invocation
  timeoutOf(invocation)
  return onCluster(globals, async cluster => {
    const found = await find(cluster, reference, { signal })
    const is = found.object.spec.suspend === true
    const operations: JsonPatchOperation[] = suspended
      ? [{ op: 'add', path: '/spec/suspend', value: true }]
      : [{ op: 'remove', path: '/spec/suspend' }]
    const object =
      is === suspended
        ? found.object
        : await change<typeof found.object>(cluster, found.resource, found.object, { operations, signal })
    const result = await awaitResult(cluster, invocation, {
      found: { ...found, object } as typeof found,
      done: `${is === suspended ? 'already ' : ''}${suspended ? 'suspended' : 'resumed'}`,
      isDone: isSettled,
      ...(suspended ? { isWell: ({ reason }: ReturnType<typeof healthOf>) => reason === 'Suspended' } : {}),
    })
    return resultsAnswer(suspended ? 'Suspend' : 'Resume', [result], found)
  })
}
