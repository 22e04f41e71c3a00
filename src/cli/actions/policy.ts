/** `policy`: what must be set up at the cloud for a store, or for a connector with its stores. */
import { connectorKeyOf } from '../../api/artifact-store.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { type Found, find } from '../cluster/find.ts'
import type { Answer, Invocation, View } from '../frame/command.ts'
import { foundFailure, usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'
import { dataOf } from '../policy/data.ts'
import { explained, type Section } from '../policy/explain.ts'
import { factsOfPeers } from '../policy/peers.ts'
import type { Sheet } from '../policy/sheet.ts'
import { CLOUDS_OF, FORMS, type Form, sheetOf, textOfForm } from '../policy/sheets.ts'
import { harmless } from '../text/harmless.ts'
import { shellOf } from '../text/kubectl.ts'
import { wrap } from '../text/width.ts'
import { readFacts } from './read-facts.ts'
import { readAround, readConnectors } from './read-overview.ts'
import { nameOf } from './references.ts'

export async function policy({ arguments: [reference = ''], globals, options, signal }: Invocation): Promise<Answer> {
  const bucketAccount = accountIn(options['bucketAccount'])
  return onCluster(globals, async cluster => {
    const found = await find(cluster, reference, { signal })
    const { connector, notes } = await connectorOf(cluster, found, signal)
    const [read, around] = await Promise.all([readFacts(cluster, connector, signal), readAround(cluster, signal)])
    const asked = {
      ...{ connector, stores: [], facts: { ...read.facts, ...factsOfPeers(connector, around) } },
      ...(found.kind === 'store' ? { store: found.object } : {}),
      ...(bucketAccount === undefined ? {} : { bucketAccount }),
    }
    const sheet = sheetOf(asked, shellOf(globals))
    if (!sheet) throw foundFailure('the connector names no cloud', 'correct its spec')
    return {
      lines: view => linesOf(explained(sheet), view),
      data: report('Policy', dataOf(sheet)),
      names: [nameOf(found.resource, found.object.metadata.name)],
      forms: Object.fromEntries(FORMS.map(form => [form, () => textOf(sheet, form)])),
      notes: [...notes, ...(found.kind === 'connector' ? around.notes : []), ...read.notes],
    }
  })
}

function accountIn(given: string | boolean | undefined): string | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'string' && /^\d{12}$/.test(given)) return given
  throw usageFailure('--bucket-account is no account of AWS', 'give the 12 digits of its id')
}

async function connectorOf(cluster: Cluster, found: Found, signal: AbortSignal) {
  if (found.kind === 'connector') return { connector: found.object, notes: [] }
  const { connectors, notes } = await readConnectors(cluster, [connectorKeyOf(found.object)], signal)
  const [connector] = connectors
  if (connector) return { connector, notes }
  throw foundFailure(
    'the connector of the store is not there, or you may not read it',
    notes.join('; ') || 'see doctor',
  )
}

/** Refuses a form that is for another cloud. */
function textOf(sheet: Sheet, form: Form): string {
  const { cloud } = sheet
  if (CLOUDS_OF[form].includes(cloud)) return textOfForm(sheet, form)
  const others = FORMS.filter(other => CLOUDS_OF[other].includes(cloud))
  const service = cloud === 'S3' ? 'a service other than AWS' : cloud
  throw usageFailure(`-o ${form} is not for ${service}`, `use one of ${['json', 'yaml', ...others].join(', ')}`)
}

function linesOf(sections: readonly Section[], { width, paint }: View): string[] {
  return sections.flatMap(({ title, words, lines }, at) => [
    ...(at === 0 ? [] : ['']),
    paint(harmless(title), 'title'),
    ...words.flatMap(text => wrap(harmless(text), width - 2).map(line => `  ${line}`)),
    ...lines.map(line => `    ${harmlessLine(line)}`),
  ])
}

/** A line that keeps its indentation. */
const harmlessLine = (line: string): string => {
  const text = line.trimStart()
  return ' '.repeat(line.length - text.length) + harmless(text)
}
