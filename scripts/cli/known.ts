/** Makes what the command line knows without a cluster, from the guides, the runbooks and the formats. */
import { readdirSync, readFileSync } from 'node:fs'
import { FORMATS, type Format } from '../../src/api/credentials-entry.ts'
import type { CredentialMaterial } from '../../src/api/material.ts'
import type { AlertRow, ConsumerRow, FormatRow, ReasonRow } from '../../src/cli/known/index.ts'
import { awsIdentity, azureIdentity, dataOf } from '../../test/support/materials.ts'

const docs = new URL('../../docs/', import.meta.url)
const textOf = (name: string): string => readFileSync(new URL(name, docs), 'utf8')

/** The files of the command line's data, by their path. */
export function knownFiles(): Record<string, string> {
  const consumers = consumerRows(textOf('consumers.md'))
  const data = {
    reasons: [
      ...reasonRows('troubleshooting.md', 'all'),
      ...reasonRows('aws-troubleshooting.md', 'S3'),
      ...reasonRows('azure-troubleshooting.md', 'Azure'),
    ],
    alerts: readdirSync(new URL('runbooks/', docs)).sort().map(alertRow),
    consumers,
    formats: FORMATS.map(format => formatRow(format, consumers)),
  }
  return Object.fromEntries(
    Object.entries(data).map(([name, rows]) => [`src/cli/known/${name}.json`, `${JSON.stringify(rows, null, 2)}\n`]),
  )
}

/** Rows of the table below a line of titles, as cells. */
function rowsBelow(text: string, titles: string): string[][] {
  const start = text.indexOf(`${titles}\n`)
  if (start < 0) throw new Error(`there is no table "${titles}": correct scripts/cli/known.ts, or the document`)
  const lines = text.slice(start).split('\n').slice(2)
  const end = lines.findIndex(line => !line.startsWith('|'))
  return lines.slice(0, end < 0 ? undefined : end).map(line => line.slice(1, -1).split(/(?<!\\)\|/))
}

/** A cell as plain text: links become their words. */
const plain = (cell: string | undefined): string =>
  (cell ?? '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll('\\|', '|')
    .replace(/\s+/g, ' ')
    .trim()

const quoted = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

function reasonRows(file: string, cloud: ReasonRow['cloud']): ReasonRow[] {
  return rowsBelow(textOf(file), '| reason | cause | cure |').flatMap(([reasons, cause, cure]) =>
    quoted(reasons).map(reason => ({
      reason,
      cloud,
      cause: plain(cause),
      cure: plain(cure),
      document: `docs/${file}`,
    })),
  )
}

function alertRow(file: string): AlertRow {
  const text = textOf(`runbooks/${file}`)
  const section = (title: string) =>
    plain((new RegExp(`## ${title}\\n\\n([\\s\\S]*?)\\n(?:\\n|$)(?=##|$)`).exec(text)?.[1] ?? '').replaceAll('\n', ' '))
  const titles = ['| reason | cure |', '| what is seen | cure |'].filter(titles => text.includes(titles))
  const cures = titles.flatMap(titles => rowsBelow(text, titles))
  return {
    name: file.replace(/\.md$/, ''),
    severity: /^Severity: (\w+)/m.exec(text)?.[1] ?? '',
    symptom: section('Symptom'),
    meaning: section('Meaning'),
    cures: cures.map(([cases, cure]) => ({
      // Reasons have commas between them; what is seen may have some within.
      cases: /^[\s,]*$/.test((cases ?? '').replace(/`[^`]*`/g, '')) ? quoted(cases) : [plain(cases)],
      cure: plain(cure),
    })),
    document: `docs/runbooks/${file}`,
  }
}

const consumerRows = (text: string): ConsumerRow[] =>
  rowsBelow(text, '| consumer | format | reloads while running? | limits | sample |').map(
    ([consumer, formats, reloads, limits, sample]) => ({
      consumer: plain(consumer),
      formats: quoted(formats),
      reloads: plain(reloads),
      limits: plain(limits),
      sample: `deploy/samples/consumers/${plain(sample)}`,
    }),
  )

/** The keys are those of credentials that have all that there can be. */
function formatRow(format: Format, consumers: ConsumerRow[]): FormatRow {
  const [s3, azure] = [keysOf(format, awsIdentity), keysOf(format, azureIdentity)]
  return {
    format,
    clouds: [...(s3 ? ['S3'] : []), ...(azure ? ['Azure'] : [])],
    keys: format === 'Keys' ? ['those of credentials[].keys'] : [...new Set([...(s3 ?? []), ...(azure ?? [])])],
    consumers: consumers.filter(({ formats }) => formats.includes(format)).map(({ consumer }) => consumer),
  }
}

function keysOf(format: Format, material: CredentialMaterial): string[] | undefined {
  try {
    return Object.keys(dataOf(format, material))
  } catch {
    // The format is not for this cloud.
    return undefined
  }
}
