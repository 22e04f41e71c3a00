/** Breaks a set-up as a row of bad input does, and cures it by the commands that doctor prints. */
import assert from 'node:assert/strict'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { findCondition, READY } from '../../src/api/conditions.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import type { BadInput } from '../e2e/bad-input/run.ts'
import { documented } from '../e2e/cli/parts.ts'
import type { CommandLine } from '../support/command-line.ts'
import type { Namespace } from '../support/namespace.ts'
import type { startShell } from '../support/printed-command.ts'
import { until } from '../support/until.ts'

export interface Curable<W> {
  row: BadInput<W>
  /** The spec of a store whose connector is broken. Default: a place that works. */
  store?: Partial<ArtifactStoreSpec>
  /** The type of the condition that is True in the end. Default: Ready. */
  condition?: string
}

export interface Clinic<W> {
  world: W & { tenant: Namespace }
  cli: CommandLine
  shell: Awaited<ReturnType<typeof startShell>>
  /** The bucket and the connector of stores that name no other. */
  usual: { bucket: string; connector: string }
  /** All that doctor has printed. */
  printed: string[]
  /** Where the cures are that are tried. Default: in the cluster. */
  place?: 'cluster' | 'outside'
}

/** A cure may uncover another fault: a Secret without label may lack two keys, and have a wrong third. */
const ROUNDS = 4

export async function cured<W>(clinic: Clinic<W>, curable: Curable<W>): Promise<void> {
  await arrange(clinic, curable)
  const { name } = curable.row
  const { condition: type = READY } = curable
  const read = () => conditionOf(clinic, name, type)
  const done: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = await until(`${name} is looked at`, async () => {
      const condition = await read()
      return condition?.status !== undefined && condition
    })
    if (before.status === 'True') return
    const commands = await cure(clinic, name)
    // Nothing in the cluster changes, so nothing but a request has the operator look again at once.
    if (clinic.place === 'outside') await lookAgain(clinic, curable.row)
    // What was cured before may have become Ready in between.
    if (commands === undefined && (await read())?.status === 'True') return
    assert.ok(commands, `no cure: ${JSON.stringify(before)}, after ${done.join(' && ')}`)
    done.push(commands)
    const after = await until(
      `${name} is cured by ${done.join(' && ')}`,
      async () => {
        const condition = await read()
        return (condition?.status === 'True' || condition?.message !== before.message) && condition
      },
      { last: read },
    )
    if (after.status === 'True') return
  }
  assert.fail(`after ${ROUNDS} cures: ${done.join('\n')}\n${JSON.stringify(await read())}`)
}

async function lookAgain<W>({ cli, world }: Clinic<W>, { name, connector }: BadInput<W>): Promise<void> {
  const at = `-n ${world.tenant.name}`
  if (connector) await cli.run(`verify connector/${name} ${at}`)
  await cli.run(`verify store/${name} ${at}`)
}

/** Creates the objects of a row, and a store that needs them. */
async function arrange<W>({ world, usual }: Clinic<W>, { row, store }: Curable<W>): Promise<void> {
  const { tenant } = world
  const { name } = row
  await row.arrange?.(world, name)
  if (row.connector) await tenant.create(SERVICE_CONNECTORS, name, { spec: row.connector(world, name) })
  const connectorRef = { name: row.connector ? name : usual.connector }
  const spec = { path: `${usual.bucket}/${name}`, connectorRef, ...store, ...row.store?.(world, name) }
  await tenant.create(ARTIFACT_STORES, name, { spec })
}

/** The condition, once the operator has looked at the spec as it is. */
export async function conditionOf<W>({ world }: Pick<Clinic<W>, 'world'>, name: string, type = READY) {
  const { status, metadata } = await world.tenant.getStore(name)
  const condition = findCondition(status?.conditions, type)
  const isCurrent = status?.observedGeneration === metadata.generation && condition?.reason !== 'Progressing'
  return isCurrent ? condition : undefined
}

/** Checks that doctor has printed no secret. */
export function noSecretPrinted({ printed, world }: Clinic<{ secrets: Set<string> }>): void {
  assert.ok(printed.length > 0 && world.secrets.size > 0)
  const text = printed.join('\n')
  for (const secret of world.secrets) {
    assert.ok(!text.includes(secret) && !text.includes(Buffer.from(secret).toString('base64')), 'a secret was printed')
  }
}

interface Cure {
  place: string
  commands: string[]
}

interface Report {
  findings: { cures: Cure[] }[]
}

/** Runs the first cure in the cluster of the first finding that has one, as it was printed. Returns the commands; undefined: there is none. */
async function cure<W>(
  { cli, shell, printed, place: wanted = 'cluster', world: { tenant } }: Clinic<W>,
  name: string,
): Promise<string | undefined> {
  const line = `doctor store/${name} -n ${tenant.name}`
  const ran = await cli.run(`${line} -o json`)
  const { findings } = documented('doctor', ran) as Report
  const curable = (cure: Cure) => cure.place === wanted && cure.commands.length > 0
  const found = findings
    .flatMap(({ cures }) => (wanted === 'cluster' ? cures.slice(0, 1) : cures.filter(curable).slice(0, 1)))
    .find(curable)
  if (!found) return undefined
  const text = (await cli.run(line)).out
  printed.push(ran.out, ran.err, text)
  for (const command of found.commands) {
    assert.ok(text.split('\n').includes(`     ${command}`), `the text lacks the command: ${command}\n${text}`)
    const done = await shell(command)
    assert.equal(done.code, 0, `${command}\n${done.out}${done.err}`)
  }
  return found.commands.join(' && ')
}
