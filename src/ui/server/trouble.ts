/** What `doctor` finds, and its cures, which are run only as they were shown. */
import { createHash } from 'node:crypto'
import type { Waiting } from '../../cli/actions/await.ts'
import { carryOut, type Fixable, fixableOf, previewOf } from '../../cli/actions/mend.ts'
import type { Objects } from '../../cli/actions/read-overview.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { diagnose } from '../../cli/doctor/diagnose.ts'
import { type Finding as Found, subjectWords } from '../../cli/doctor/finding.ts'
import type { Shell } from '../../cli/text/kubectl.ts'
import type { CureOutcome, CurePreview, Finding, Trouble } from '../contract.ts'
import { type Refused, refused } from './gate.ts'
import type { Watched } from './watched.ts'

interface Patient {
  cluster: Cluster
  watched: Watched
  shell: Shell
}

const objectsOf = (watched: Watched): Objects => ({
  connectors: watched.connectors(),
  stores: watched.stores(),
  notes: [],
})

export const troubleOf = ({ watched, shell }: Patient): Trouble => ({
  findings: diagnose(objectsOf(watched), shell).map(findingOf),
  notes: [],
})

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
  const fixable = fixableById(patient, id)
  return fixable ? preview(patient.cluster, fixable, signal) : unknownCure()
}

/** Runs a cure if it still is what the digest was made of. */
export async function runCure(
  patient: Patient,
  { id, digest }: { id: string; digest: string },
  waiting: Waiting,
): Promise<CureOutcome | Refused> {
  const fixable = fixableById(patient, id)
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

function fixableById({ watched, shell }: Patient, id: string): (Fixable & { objects: Objects }) | undefined {
  const objects = objectsOf(watched)
  const found = diagnose(objects, shell)
    .flatMap(fixableOf)
    .find(({ key }) => idOf(key) === id)
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
