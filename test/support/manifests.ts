/** What Helm and kustomize make of deploy/, as objects that can be compared. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { helm } from '../cluster/helm.ts'
import type { Command } from '../cluster/tools.ts'

const root = join(import.meta.dirname, '../..')

export const CHART = join(root, 'deploy/helm')
export const SYSTEM = 'artifact-store-system'

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

/** Objects by kind, namespace and name, such as "Role ml/artifact-store-operator". */
export type Manifests = Record<string, Manifest>

export function readManifests(text: string): Manifests {
  const found: Manifest[] = parseAllDocuments(text).flatMap(document => document.toJS() ?? [])
  const named = found.map(manifest => [nameOf(manifest), manifest] as const)
  const names = named.map(([name]) => name).sort()
  const twice = names.find((name, index) => name === names[index + 1])
  if (twice) throw new Error(`${twice} is there twice`)
  return Object.fromEntries(named)
}

const nameOf = ({ kind, metadata: { namespace, name } }: Manifest) =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name}`

/** `helm template` of the chart. `dir`: a folder for files of Helm. */
export async function template(dir: string, values: object = {}, namespace = SYSTEM): Promise<Manifests> {
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'values.json')
  writeFileSync(file, JSON.stringify(values))
  const release = ['template', 'artifact-store-operator', CHART, '--namespace', namespace]
  return readManifests(await helm(dir, [...release, '--values', file]))
}

/** `kubectl kustomize` of deploy/ with components, which are paths from the root. `dir`: a folder for the overlay. */
export async function kustomize(kubectl: Command, dir: string, components: readonly string[] = []): Promise<Manifests> {
  const overlay = join(dir, 'overlay')
  mkdirSync(overlay, { recursive: true })
  const [deploy, ...others] = ['deploy', ...components].map(path => relative(overlay, join(root, path)))
  const kustomization = {
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
    ...{ resources: [deploy], components: others },
  }
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization))
  const { stdout } = await promisify(execFile)(kubectl.command, [...kubectl.args, 'kustomize', overlay], {
    maxBuffer: 16 * 2 ** 20,
  })
  return readManifests(stdout.replaceAll(UNKNOWN_TO_KUSTOMIZE, '$1'))
}

/**
 * Kustomize gives objects a namespace whose kinds it does not know to be those of the cluster. kubectl, which asks the
 * API server for the scope, drops it.
 */
const UNKNOWN_TO_KUSTOMIZE =
  /^(kind: ValidatingAdmissionPolicy(?:Binding)?\nmetadata:\n(?: .*\n)*?) {2}namespace: .*\n/gm

/** What two sets of objects don't have in common: a line for each object, and below it one for each field. */
export function differences(before: Manifests, after: Manifests): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap(name => {
    const [was, is] = [before[name], after[name]]
    if (!is) return [`- ${name}`]
    const changed = changedFields(was, is)
    return changed.length > 0 ? [`${was ? '~' : '+'} ${name}`, ...changed.map(line => `    ${line}`)] : []
  })
}

function changedFields(before: unknown, after: unknown): string[] {
  const [left, right] = [new Map(before ? fields('', before) : []), new Map(fields('', after))]
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap(path => {
    const [was, is] = [left.get(path), right.get(path)]
    if (was === is) return []
    return [...(was === undefined ? [] : [`-${path}: ${was}`]), ...(is === undefined ? [] : [`+${path}: ${is}`])]
  })
}

function fields(path: string, value: unknown): [string, string][] {
  const below = value && typeof value === 'object' ? Object.entries(value) : []
  if (below.length === 0) return [[path, JSON.stringify(value)]]
  return below.flatMap(([name, field]) => fields(`${path} ${name}`, field))
}
