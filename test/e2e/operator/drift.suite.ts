/** Suite: what Git holds of a connector or store stays as it is: the operator changes nothing that a sync would change back. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { FINALIZER, REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'

type Reconciled = KubeObject & { status?: { observedGeneration?: number } }

const root = join(import.meta.dirname, '../../../deploy/samples')
const OURS = 'serviceconnectors,artifactstores'
const OUR_KINDS = ['ServiceConnector', 'ArtifactStore']
/** Kinds of the samples that decide what the operator does. */
const KINDS = [...OUR_KINDS, 'ServiceAccount', 'Secret', 'ConfigMap']
const SERVER_SIDE = ['--server-side', '--field-manager=argocd-controller']

const namespaceOf = (sample: string) => `drift-${sample.replaceAll('/', '-')}`

/** All samples, each in a namespace of its own, as many of them give their store the same name. */
async function manifests(controlPlane: ControlPlane): Promise<KubeObject[]> {
  const dir = join(controlPlane.dir, 'drift')
  const samples = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(path => basename(path) === 'kustomization.yaml')
    .map(path => dirname(path))
  const overlay = (path: string, content: object) => {
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'kustomization.yaml'), JSON.stringify(content))
  }
  for (const sample of samples) {
    const path = join(dir, namespaceOf(sample))
    overlay(path, { namespace: namespaceOf(sample), resources: [relative(path, join(root, sample))] })
  }
  overlay(dir, { resources: samples.map(namespaceOf) })
  const built = parseAllDocuments(await kubectl(controlPlane, ['kustomize', dir])).map(document => document.toJS())
  const made = samples.map(sample => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(sample) } }))
  return [...made, ...built.filter(({ kind }) => KINDS.includes(kind))]
}

/** `operatorKubeconfig`: writes a kubeconfig of the operator's ServiceAccount, and returns its path. */
export function drift(controlPlane: () => ControlPlane, operatorKubeconfig: () => string): void {
  describe('samples that the operator has reconciled', () => {
    let ours: KubeObject[]
    let operator: OperatorProcess
    const listOf = (items: KubeObject[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    const run = (...args: string[]) => kubectl(controlPlane(), args, listOf(ours))

    async function reconciled(): Promise<Reconciled[]> {
      const { items: found } = JSON.parse(await kubectl(controlPlane(), ['get', OURS, '-A', '-o', 'json']))
      const samples: Reconciled[] = found.filter(({ metadata }: KubeObject) => metadata.namespace?.startsWith('drift-'))
      const isDone = ({ metadata, status }: Reconciled) => status?.observedGeneration === metadata.generation
      return samples.filter(isDone)
    }
    const untilReconciled = () =>
      until('all are reconciled', async () => {
        const found = await reconciled()
        return found.length === ours.length && found
      })

    before(async () => {
      const all = await manifests(controlPlane())
      ours = all.filter(({ kind }) => OUR_KINDS.includes(kind))
      const others = all.filter(({ kind }) => !OUR_KINDS.includes(kind))
      await kubectl(controlPlane(), ['apply', '--server-side', '-f', '-'], listOf(others))
      await run('apply', '-f', '-')
      // No call leaves this machine.
      const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1', AWS_EC2_METADATA_DISABLED: 'true' }
      const program = { main: 'src/main.ts', nodeFlags: [], env }
      operator = await OperatorProcess.start(operatorKubeconfig(), ['--leader-elect=false'], program)
    })
    after(() => operator?.kill())

    test('have a status, and some a finalizer, but no other generation', async () => {
      const found = await untilReconciled()
      assert.ok(found.length > 30, `${found.length}`)
      assert.deepEqual(new Set(found.map(({ metadata }) => metadata.generation)), new Set([1]))
      assert.ok(found.some(({ metadata }) => metadata.finalizers?.includes(FINALIZER)))
    })

    test('show no difference to kubectl, and are unchanged when they are applied again', async () => {
      assert.equal(await run('diff', '-f', '-'), '')
      const lines = (await run('apply', '-f', '-')).trim().split('\n')
      assert.deepEqual(
        lines.filter(line => !line.endsWith(' unchanged')),
        [],
      )
      assert.equal(lines.length, ours.length)
    })

    test('can be applied by another field manager, without a conflict and without a difference', async () => {
      await run('apply', ...SERVER_SIDE, '-f', '-')
      assert.equal(await run('diff', ...SERVER_SIDE, '-f', '-'), '')
      const found = await untilReconciled()
      assert.deepEqual(new Set(found.map(({ metadata }) => metadata.generation)), new Set([1]))
    })

    test('show no difference after somebody has asked for another look', async () => {
      const request = `${REQUESTED_AT_ANNOTATION}=now`
      const namespace = 'drift-bucket-setup'
      await kubectl(controlPlane(), ['annotate', OURS, '--all', '-n', namespace, request])
      assert.equal(await run('diff', '-f', '-'), '')
      assert.equal(await run('diff', ...SERVER_SIDE, '-f', '-'), '')
      await run('apply', ...SERVER_SIDE, '-f', '-')
      const { items: kept } = JSON.parse(await kubectl(controlPlane(), ['get', OURS, '-n', namespace, '-o', 'json']))
      for (const { metadata } of kept) assert.equal(metadata.annotations[REQUESTED_AT_ANNOTATION], 'now')
    })
  })
}
