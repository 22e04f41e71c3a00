/** A cluster on which deploy/ has been applied: the operator runs under its own ServiceAccount and RBAC. */
import { randomBytes } from 'node:crypto'
import type { Client } from '../../src/kube/client.ts'
import { createClient } from '../../src/kube/kube-client.ts'
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts'
import { createTransport, type Transport } from '../../src/kube/transport.ts'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { OperatorProcess, type Program } from './operator-process.ts'
import { project } from './project.ts'

/** Paths of the CRDs, for control planes that start with them. */
export const CRDS = ['serviceconnectors', 'artifactstores'].map(plural =>
  project(`crds/artifactstore.dev_${plural}.yaml`),
)

const SYSTEM = 'artifact-store-system'

export class Installation {
  readonly controlPlane: ControlPlane
  /** The client of the administrator. */
  readonly client: Client
  readonly #transport: Transport
  #operators: OperatorProcess[] = []

  constructor(controlPlane: ControlPlane) {
    this.controlPlane = controlPlane
    this.#transport = createTransport({ access: loadKubeConfig({ kubeconfig: controlPlane.kubeconfig }) })
    this.client = createClient(this.#transport)
  }

  /** Applies deploy/, or the folder of another tree or of an overlay; stops everything when that fails. */
  async install(folder = project('deploy')): Promise<this> {
    try {
      await kubectl(this.controlPlane, ['apply', '--server-side', '-k', folder])
      return this
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Writes a kubeconfig of the operator's ServiceAccount, with a token of its own; returns its path. */
  async operatorKubeconfig(namespace = SYSTEM): Promise<string> {
    const request = { audiences: [], expirationSeconds: 86_400 }
    const { token } = await this.client.createToken(namespace, 'artifact-store-operator', request)
    return this.writeKubeconfig(`operator-${randomBytes(4).toString('hex')}`, token)
  }

  /** A kubeconfig with this token. */
  protected writeKubeconfig(name: string, token: string): string {
    return this.controlPlane.writeKubeconfigForToken(name, token)
  }

  async startOperator(flags: string[] = ['--leader-elect=false'], program?: Program): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start(
      await this.operatorKubeconfig(program?.env?.['POD_NAMESPACE']),
      flags,
      program,
    )
    this.#operators.push(operator)
    return operator
  }

  async stop(): Promise<void> {
    for (const operator of this.#operators) await operator.kill()
    await this.#transport.close()
  }
}
