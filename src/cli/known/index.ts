/**
 * What the program knows without a cluster. The data is made from the documents by `npm run generate`, which fails in
 * CI when it does not agree with them.
 */
import alerts from './alerts.json' with { type: 'json' }
import consumers from './consumers.json' with { type: 'json' }
import formats from './formats.json' with { type: 'json' }
import reasons from './reasons.json' with { type: 'json' }

export interface ReasonRow {
  reason: string
  cloud: 'S3' | 'Azure' | 'all'
  cause: string
  cure: string
  document: string
}

export interface AlertRow {
  name: string
  severity: string
  symptom: string
  meaning: string
  /** Cases are reasons of conditions, or what is seen. */
  cures: { cases: string[]; cure: string }[]
  document: string
}

export interface FormatRow {
  format: string
  clouds: string[]
  keys: string[]
  consumers: string[]
}

export interface ConsumerRow {
  consumer: string
  formats: string[]
  reloads: string
  limits: string
  sample: string
}

export const REASONS = reasons as ReasonRow[]
export const ALERTS: AlertRow[] = alerts
export const FORMATS: FormatRow[] = formats
export const CONSUMERS: ConsumerRow[] = consumers
