/** `doctor --fix`: shows what a cure changes, asks, changes it, and waits for what comes of it. */
import type { KubeObject } from '../../api/object.ts'
import { inTurns } from '../../async/in-turns.ts'
import { isNotFound } from '../../kube/errors.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { change } from '../cluster/change.ts'
import type { Cluster } from '../cluster/connect.ts'
import type { Found } from '../cluster/find.ts'
import { guarded } from '../cluster/read.ts'
import { type Edit, operationsOf } from '../doctor/changes.ts'
import { diagnose } from '../doctor/diagnose.ts'
import { type DiffLine, diffOf } from '../doctor/diff.ts'
import { type Cure, type Finding, type Subject, subjectWords } from '../doctor/finding.ts'
import type { Invocation } from '../frame/command.ts'
import { CommandFailure, foundFailure } from '../frame/failures.ts'
import { healthOf } from '../overview/health.ts'
import type { Shell } from '../text/kubectl.ts'
import { awaitResult, isSettled, type Result, type Waiting } from './await.ts'
import { diffLines } from './doctor-lines.ts'
import type { Fix } from './fixes.ts'
import type { Objects } from './read-overview.ts'

/** How many objects are waited for at a time: each wait is a watch. */
const AT_ONCE = 8

interface Mended {
  objects: Objects
  read(): Promise<Objects>
  shell: Shell
}

/** Mends one finding after the other, and looks again after each: what explained others may leave more to mend. */
export async function mend(
  cluster: Cluster,
  invocation: Invocation,
  { objects, read, shell }: Mended,
): Promise<{ fixes: Fix[]; rest: Objects }> {
  const tried = new Set<string>()
  const fixes: Fix[] = []
  for (let rest = objects; ; rest = await read()) {
    const next = diagnose(rest, shell)
      .flatMap(finding => fixableOf(finding))
      .find(({ key }) => !tried.has(key))
    if (!next) return { fixes, rest }
    tried.add(next.key)
    fixes.push(await fix(cluster, invocation, { ...next, objects: rest }))
  }
}

/** A cure that the program can carry out itself. */
export interface Fixable {
  /** The same for the same cure of the same finding. */
  key: string
  finding: Finding
  cure: Cure & { changes: Edit[] }
}

/** The best cure of a finding, where it can be carried out; none for cautions. */
export function fixableOf(finding: Finding): Fixable[] {
  const [cure] = finding.cures
  if (finding.isCaution || !cure?.changes) return []
  const key = JSON.stringify([subjectWords(finding), finding.reason, cure.commands])
  return [{ key, finding, cure: { ...cure, changes: cure.changes } }]
}

async function fix(cluster: Cluster, invocation: Invocation, fixable: Fixable & { objects: Objects }): Promise<Fix> {
  const { finding, cure } = fixable
  const { kind, namespace, name, reason } = finding
  const base = { kind, namespace, name, reason, commands: cure.commands }
  try {
    for (const one of cure.changes) {
      const { what, lines } = await previewOf(cluster, one, invocation.signal)
      invocation.show(view => diffLines(`${what}:`, lines, view))
    }
    if (!invocation.options['yes'] && !(await invocation.ask?.(`${cure.words}?`))) {
      return { ...base, result: 'Declined', detail: 'nothing was changed' }
    }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    return { ...base, result: 'Failed', detail: error.message }
  }
  return carryOut(cluster, invocation, fixable)
}

/** Changes what a cure changes, and waits for what comes of it. What the cluster refuses is a Fix that Failed. */
export async function carryOut(
  cluster: Cluster,
  waiting: Waiting,
  { finding, cure, objects }: Fixable & { objects: Objects },
): Promise<Fix> {
  const { kind, namespace, name, reason } = finding
  const base = { kind, namespace, name, reason, commands: cure.commands }
  try {
    for (const one of cure.changes) await apply(cluster, one, false, waiting.signal)
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    return { ...base, result: 'Failed', detail: error.message }
  }
  const results = await inTurns(foundOf(finding, objects), AT_ONCE, found => outcome(cluster, waiting, found))
  const worst = results.find(({ result }) => result !== 'Done') ?? results[0]
  return { ...base, result: worst?.result ?? 'NotAwaited', detail: detailOf(cure, worst) }
}

function detailOf({ words }: Cure, result: Result | undefined): string {
  const { health, detail } = result ?? {}
  const state = health ? `Ready is ${health.ready}: ${health.reason}` : ''
  return [words, result && subjectWords(result), state, detail].filter(Boolean).join(': ')
}

/** The objects that become Ready by the cure, as they were before it. */
function foundOf({ explains, ...finding }: Finding, { connectors, stores }: Objects): Found[] {
  const isOne = ({ metadata }: KubeObject, { namespace, name }: Subject) =>
    metadata.namespace === namespace && metadata.name === name
  return [finding, ...explains].flatMap((subject): Found[] => {
    const connector = subject.kind === 'connector' && connectors.find(object => isOne(object, subject))
    if (connector) return [{ kind: 'connector', resource: SERVICE_CONNECTORS, object: connector }]
    const store = subject.kind === 'store' && stores.find(object => isOne(object, subject))
    return store ? [{ kind: 'store', resource: ARTIFACT_STORES, object: store }] : []
  })
}

/** Waits until the object is Ready, or is not for another reason than before. */
function outcome(cluster: Cluster, waiting: Waiting, found: Found): Promise<Result> {
  const before = healthOf(found.object).message
  return awaitResult(cluster, waiting, {
    found,
    done: 'cured',
    isDone: object => isSettled(object) && (healthOf(object).ready === 'True' || healthOf(object).message !== before),
  })
}

/** What the API server would make of the change, by a dry run: `ArtifactStore ml/models`, and the lines that change. */
export async function previewOf(
  cluster: Cluster,
  one: Edit,
  signal: AbortSignal,
): Promise<{ what: string; lines: DiffLine[] }> {
  const before = await current(cluster, one, signal)
  const after = await apply(cluster, one, true, signal)
  const where = one.namespace === undefined ? one.name : `${one.namespace}/${one.name}`
  return { what: `${one.resource.kind} ${where}`, lines: diffOf(before, after) }
}

async function current(cluster: Cluster, { resource, namespace, name }: Edit, signal: AbortSignal) {
  return guarded(cluster, { verb: 'get', resource, namespace }, async () => {
    try {
      return await cluster.client.get(resource, namespace, name, { signal })
    } catch (error) {
      if (isNotFound(error)) throw foundFailure(`${resource.kind} "${name}" is gone`, 'run the command again')
      throw error
    }
  })
}

async function apply(cluster: Cluster, one: Edit, dryRun: boolean, signal: AbortSignal): Promise<KubeObject> {
  const object = await current(cluster, one, signal)
  const operations = operationsOf(one, object)
  return operations.length === 0 ? object : change(cluster, one.resource, object, { operations, dryRun, signal })
}
