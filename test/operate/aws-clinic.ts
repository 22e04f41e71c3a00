/** Where set-ups for S3 are broken and cured: a cluster with the operator, moto and MinIO, and the command line. */
import { after, before } from 'node:test'
import { type AwsInputWorld, startInputWorld } from '../e2e/bad-input/aws-world.ts'
import { CommandLine } from '../support/command-line.ts'
import { startShell } from '../support/printed-command.ts'
import type { Clinic } from './doctor-cures.ts'

/** `atHand`: puts what cures need beside the program, and returns the variables that they read. Open while tests run. */
export function awsClinic(
  atHand: (world: AwsInputWorld, folder: string) => Promise<Record<string, string>>,
  rest: Partial<Clinic<AwsInputWorld>> = {},
): () => Clinic<AwsInputWorld> {
  const parts = new AsyncDisposableStack()
  let clinic: Clinic<AwsInputWorld>
  before(async () => {
    const world = await startInputWorld()
    parts.defer(() => world.stop())
    const cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
    parts.defer(() => cli.remove())
    const shell = await startShell(cli, world.controlPlane, await atHand(world, cli.folder))
    clinic = { world, cli, shell, usual: { bucket: 's3://data', connector: 'aws' }, printed: [], ...rest }
  })
  after(() => parts.disposeAsync())
  return () => clinic
}
