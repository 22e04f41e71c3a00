/**
 * What `doctor` finds, from the same facts, and its cures, which are run only as they were shown. Those at a cloud are never
 * run here: they are commands to copy.
 */
import { createHash } from 'node:crypto'
import type { Waiting } from '../../cli/actions/await.ts'
import { withFacts } from '../../cli/actions/doctor-facts.ts'
import { carryOut, type Fixable, fixableOf, previewOf } from '../../cli/actions/mend.ts'
import type { Objects } from '../../cli/actions/read-overview.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { diagnose } from '../../cli/doctor/diagnose.ts'
import { type Finding as Found, subjectWords } from '../../cli/doctor/finding.ts'
import type { Shell } from '../../cli/text/kubectl.ts'
import type { CureOutcome, CurePreview, Finding, Trouble } from '../contract.ts'
import { type Refused, refused } from './gate.ts'
import type { RecentFacts } from './recent-facts.ts'
import type { Watched } from './watched.ts'

interface Patient {
  cluster: Cluster
  watched: Watched
  shell: Shell
  facts: RecentFacts
}

const objectsOf = (watched: Watched): Objects => ({
  connectors: watched.connectors(),
  stores: watched.stores(),
  notes: watched.notes(),
})

/** The only diagnosis here, so that what is shown and what is run are of the same. */
async function diagnosed(
  { cluster, watched, shell, facts }: Patient,
  signal: AbortSignal,
): Promise<{ objects: Objects; findings: Found[] }> {
  const objects = await withFacts(cluster, objectsOf(watched), signal, facts)
  return { objects, findings: diagnose(objects, shell) }
}

export async function troubleOf(patient: Patient, signal: AbortSignal): Promise<Trouble> {
  const { objects, findings } = await diagnosed(patient, signal)
  return { findings: findings.map(findingOf), notes: objects.notes }
}

function findingOf(found: Found): Finding {
  const [fixable] = fixableOf(found)
  const { cures, ...rest } = found
  return {
    ...rest,
    id: idOf(JSON.stringify([subjectWords(found), found.reason, found.isCaution])),
    cures: cures.map(({ changes: _, ...cure }, at) =>
      fixable && at === 0 ? { ...cure, run: { id: idOf(fixable.key) } } : cure,
    ),
  }
}

/** What a cure changes, by a dry run. */
export async function previewCure(patient: Patient, id: string, signal: AbortSignal): Promise<CurePreview | Refused> {
  const fixable = await fixableById(patient, id, signal)
  return fixable ? preview(patient.cluster, fixable, signal) : unknownCure()
}

/** Runs a cure if it still is what the digest was made of. */
export async function runCure(
  patient: Patient,
  { id, digest }: { id: string; digest: string },
  waiting: Waiting,
): Promise<CureOutcome | Refused> {
  const fixable = await fixableById(patient, id, waiting.signal)
  if (!fixable) return unknownCure()
  const now = await preview(patient.cluster, fixable, waiting.signal)
  if (now.digest !== digest)
    return refused(409, 'Changed', 'the cure would change something else than was shown: look at it again')
  const { result, detail } = await carryOut(patient.cluster, waiting, fixable)
  return {
    result: result === 'NotAwaited' ? 'Done' : result === 'Done' || result === 'Late' ? result : 'Failed',
    detail,
  }
}

const unknownCure = (): Refused => refused(409, 'Changed', 'there is no such cure any more: look at the findings again')

async function fixableById(
  patient: Patient,
  id: string,
  signal: AbortSignal,
): Promise<(Fixable & { objects: Objects }) | undefined> {
  const { objects, findings } = await diagnosed(patient, signal)
  const found = findings.flatMap(fixableOf).find(({ key }) => idOf(key) === id)
  return found && { ...found, objects }
}

async function preview(cluster: Cluster, { key, cure }: Fixable, signal: AbortSignal): Promise<CurePreview> {
  const objects: CurePreview['objects'] = []
  for (const change of cure.changes) objects.push(await previewOf(cluster, change, signal))
  const shown = { id: idOf(key), words: cure.words, commands: cure.commands, objects }
  return { ...shown, digest: hash(JSON.stringify([shown, cure.changes])) }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
const idOf = (text: string): string => hash(text).slice(0, 16)
