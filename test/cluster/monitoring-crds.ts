/** The CRDs of the operator of Prometheus, which know every field of a PodMonitor and a PrometheusRule. */
import { copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cached } from './cache.ts'
import { moduleFolder } from './go-module.ts'

const module = 'github.com/prometheus-operator/prometheus-operator@v0.85.0'
const files = ['podmonitors', 'prometheusrules'].map(plural => `monitoring.coreos.com_${plural}.yaml`)

/** Paths of the CRDs. */
export async function monitoringCrds(): Promise<string[]> {
  const proof = await cached({
    name: 'monitoring-crds',
    inputs: [module, ...files],
    proof: files.at(-1) ?? '',
    announcement: `downloading ${module}, a few seconds the first time`,
    async build(directory) {
      const crds = join(await moduleFolder(module), 'example/prometheus-operator-crd')
      for (const file of files) await copyFile(join(crds, file), join(directory, file))
    },
  })
  return files.map(file => join(dirname(proof), file))
}
