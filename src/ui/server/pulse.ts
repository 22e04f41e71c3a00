/**
 * Asks the API server again and again whether it is there. A watch whose network is gone, as after a sleep of the machine, is as
 * silent as one without changes, and would count as live for minutes.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { TransportError } from '../../kube/errors.ts'

const EVERY_MS = 10_000
const ANSWER_MS = 5_000

/** What everybody may read. A refusal is an answer, too. */
const VERSION = '/version'

interface PulseOptions {
  signal: AbortSignal
  /** Told why there is no answer. */
  onSilence: (error: TransportError) => void
  everyMs?: number
}

/** Goes on until the signal aborts, and does not reject. */
export async function feelPulse(
  { client }: Pick<Cluster, 'client'>,
  { signal, onSilence, everyMs = EVERY_MS }: PulseOptions,
): Promise<void> {
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    try {
      await client.raw(VERSION, { signal, timeoutMs: ANSWER_MS })
    } catch (error) {
      if (!signal.aborted && error instanceof TransportError) onSilence(error)
    }
  }
}
