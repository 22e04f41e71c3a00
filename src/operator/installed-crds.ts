/**
 * Whether the installed CRDs are those that this operator was built with, or older: then the API server drops fields that it
 * writes, or refuses values. It is told by the log, a metric and /readyz, and nothing stops because of it. The schemas come
 * from the API server's OpenAPI, which everybody in a cluster may read, so this needs no right to CRDs (docs/adr/0044).
 */
import manifest from '../../package.json' with { type: 'json' }
import { lackingFields } from '../api/crd-fields.ts'
import { crdCommand, crdOf } from '../api/crd-names.ts'
import type { Client } from '../kube/client.ts'
import { ApiError, isFailedCall } from '../kube/errors.ts'
import { publishedDocument } from '../kube/published-crds.ts'
import type { Random } from '../runtime/backoff.ts'
import { type Clock, sleep } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Sample } from '../telemetry/read-gauges.ts'

export interface InstalledCrdsOptions {
  client: Pick<Client, 'raw'>
  clock: Clock
  random: Random
  log: Log
  /** Compares a document with what the operator knows. Default: with the fields that it was built with. */
  compare?: (document: unknown) => ReturnType<typeof lackingFields>
}

export interface InstalledCrds {
  /** What is wrong with the CRDs, each with its cure, for anybody in the cluster to see. Empty: nothing, or it is unknown. */
  notes(): string[]
  /** 1 for each CRD that lacks something, and 0 for others. Empty while it is unknown. */
  samples(): Sample[]
  stop(): void
}

type Lacking = ReturnType<typeof lackingFields>

/** How long after a look the next one is: it costs an answer of some 200 KB. */
const EVERY_MS = 600_000
/** While something is wrong, so that whoever cures it soon sees that it is cured. */
const WRONG_EVERY_MS = 10_000
/** After a look without an answer, or the first that was refused: an API server that starts refuses what it will grant. */
const AGAIN_MS = 60_000
/** While the API server goes on refusing to say, which somebody may have decided. */
const REFUSED_EVERY_MS = 3_600_000
/** Fields that a message names. */
const FIELDS_MAX = 5

/** Looks for as long as the process runs, or until it is stopped. */
export function watchInstalledCrds(options: InstalledCrdsOptions): InstalledCrds {
  const { client, clock, random, log, compare = lackingFields } = options
  const stopped = new AbortController()
  const { signal } = stopped
  let lacking: Lacking = {}
  let isRefused = false

  const isWrong = () => notesOf(lacking).length > 0

  /** Returns the ms until the next look. */
  async function look(): Promise<number> {
    try {
      judge(compare((await publishedDocument(client, { signal })) ?? {}))
      isRefused = false
      return isWrong() ? WRONG_EVERY_MS : EVERY_MS
    } catch (error) {
      if (signal.aborted) return 0
      if (!isFailedCall(error)) log.error({ err: error }, 'the installed CRDs could not be compared')
      if (!(error instanceof ApiError) || ![401, 403, 404].includes(error.code)) {
        return isWrong() ? WRONG_EVERY_MS : AGAIN_MS
      }
      lacking = {}
      if (isRefused) return REFUSED_EVERY_MS
      isRefused = true
      log.info({ code: error.code }, UNKNOWN)
      return AGAIN_MS
    }
  }

  function judge(found: Lacking): void {
    const [before, now] = [notesOf(lacking), notesOf(found)]
    lacking = found
    if (before.join() === now.join()) return
    for (const note of now) log.warn({}, note)
    if (now.length === 0) log.info({}, 'the installed CRDs have all that this operator knows')
  }

  async function run(): Promise<void> {
    while (!signal.aborted) await sleep(clock, (await look()) * (1 + random() / 4), signal)
  }
  void run()

  return {
    notes: () => notesOf(lacking),
    samples: () =>
      Object.entries(lacking).map(([kind, fields]) => ({
        labels: { crd: crdOf(kind) },
        value: fields?.length === 0 ? 0 : 1,
      })),
    stop: () => stopped.abort(),
  }
}

const UNKNOWN =
  'it is unknown whether the installed CRDs are those of this operator: its ServiceAccount may not read /openapi/v3, which the ClusterRole system:discovery allows'

const notesOf = (lacking: Lacking): string[] =>
  Object.entries(lacking).flatMap(([kind, fields]) => (fields?.length === 0 ? [] : [noteOf(kind, fields)]))

function noteOf(kind: string, fields: readonly string[] | undefined): string {
  const { version } = manifest
  const cure = `run "${crdCommand(kind)}" with the file of version ${version}, or "helm upgrade" with its chart and crds.enabled=true`
  if (!fields) return `CRD ${crdOf(kind)} is not installed: ${cure}`
  const more = fields.length > FIELDS_MAX ? ` and ${fields.length - FIELDS_MAX} more` : ''
  return `CRD ${crdOf(kind)} is older than this operator (${version}) and lacks ${fields.slice(0, FIELDS_MAX).join(', ')}${more}, so that the API server drops or refuses them: ${cure}`
}
