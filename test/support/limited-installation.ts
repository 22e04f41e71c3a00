/** Overlays that install an operator in a namespace of its own, limited to some namespaces, as an administrator writes them. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Program } from './operator-process.ts'
import { project } from './project.ts'

export interface LimitedInstallation {
  /** The operator's own. */
  namespace: string
  watched: readonly string[]
}

const COMPONENTS = 'deploy/components'

/** Writes the overlay, gives its folder to `use`, and removes it. */
export async function withOverlay<T>(
  { namespace, watched }: LimitedInstallation,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'limited-'))
  try {
    for (const component of ['another-namespace', 'watched-namespaces'])
      cpSync(project(`${COMPONENTS}/${component}`), join(folder, component), { recursive: true })
    edit(join(folder, 'another-namespace/kustomization.yaml'), text => text.replace('my-operators', namespace))
    edit(join(folder, 'watched-namespaces/kustomization.yaml'), text =>
      text
        .replace('--watch-namespaces=ml', `--watch-namespaces=${watched}`)
        .replace('  - ml.yaml\n', watched.map(name => `  - ${name}.yaml\n`).join('')),
    )
    const roles = readFileSync(join(folder, 'watched-namespaces/ml.yaml'), 'utf8')
    for (const name of watched) {
      const file = join(folder, `watched-namespaces/${name}.yaml`)
      writeFileSync(file, roles.replaceAll('namespace: ml\n', `namespace: ${name}\n`))
    }
    const overlay = join(folder, 'overlay')
    mkdirSync(overlay)
    const kustomization = {
      ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
      resources: [relative(overlay, project('deploy'))],
      components: ['../another-namespace', '../watched-namespaces'],
    }
    writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization))
    return await use(overlay)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const edit = (file: string, change: (text: string) => string) => writeFileSync(file, change(readFileSync(file, 'utf8')))

/** The operator from source, as the pod of this installation. */
export const inNamespace = (namespace: string): Program => ({
  ...{ main: 'src/main.ts', nodeFlags: [] },
  env: { POD_NAMESPACE: namespace },
})
