/** `__complete`: what may come next, in the form of cobra, which kubectl reads: a line each, and a directive. */

import type { KubeObject } from '../../api/object.ts'
import { contextNames } from '../../kube/kubeconfig.ts'
import { ARTIFACT_STORES, NAMESPACES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { onCluster } from '../cluster/connect.ts'
import { findStore } from '../cluster/find.ts'
import { listPages } from '../cluster/read.ts'
import type { Answer, GlobalOptions, Invocation } from '../frame/command.ts'
import { report } from '../frame/reports.ts'
import { harmless } from '../text/harmless.ts'
import { type Candidate, planCompletion, type Wanted } from './completion-plan.ts'

/** A person waits for it with a finger on the key. */
const PATIENCE_MS = 3_000
/** Files are not what the words are about. */
const NO_FILES = ':4'

export async function complete({ arguments: words, commands }: Invocation): Promise<Answer> {
  const { wanted, globals, prefix } = planCompletion(words, commands)
  const candidates = await candidatesOf(wanted, globals).catch(() => [])
  const fitting = candidates.filter(({ name }) => name.startsWith(prefix) && isWord(name))
  return {
    lines: () => [...fitting.map(({ name, about }) => (about ? `${name}\t${harmless(about, 80)}` : name)), NO_FILES],
    data: report('Completions', { candidates: fitting }),
    names: fitting.map(({ name }) => name),
  }
}

/** What a shell takes as one word, as it stands. */
const isWord = (name: string): boolean => /^[\w./@:+-]{1,253}$/.test(name)

async function candidatesOf(wanted: Wanted, globals: GlobalOptions): Promise<Candidate[]> {
  switch (wanted.kind) {
    case 'words':
      return wanted.words
    case 'contexts':
      return contextNames(globals.kubeconfig ? { kubeconfig: globals.kubeconfig } : {}).map(name => ({ name }))
    case 'reasons': {
      const { ALERTS, REASONS } = await import('../known/index.ts')
      const reasons = new Set(REASONS.map(({ reason }) => reason))
      return [...reasons, ...ALERTS.map(({ name }) => name)].map(name => ({ name }))
    }
    case 'roles':
      return roleNames(wanted, globals)
    case 'objects':
      return objectNames(wanted, globals)
  }
}

const RESOURCES = { store: ARTIFACT_STORES, connector: SERVICE_CONNECTORS, namespace: NAMESPACES }

async function roleNames({ of }: Extract<Wanted, { kind: 'roles' }>, globals: GlobalOptions): Promise<Candidate[]> {
  return onCluster(globals, async cluster => {
    const { spec } = await findStore(cluster, of[0] ?? '', AbortSignal.timeout(PATIENCE_MS))
    return (spec.credentials ?? []).map(({ name, formats }) => ({ name, about: formats.join(', ') }))
  })
}

async function objectNames({ of }: Extract<Wanted, { kind: 'objects' }>, globals: GlobalOptions): Promise<Candidate[]> {
  return onCluster(globals, async cluster => {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const lists = of.map(async kind => {
      const options = { signal, metadataOnly: true }
      const namespace = kind === 'namespace' ? undefined : cluster.ownNamespace
      const objects = await listPages<KubeObject>(cluster, RESOURCES[kind], namespace, options)
      return objects.map(({ metadata }): Candidate => ({ name: metadata.name, about: kind }))
    })
    return (await Promise.all(lists)).flat()
  })
}
