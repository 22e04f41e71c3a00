/** What most tests need: a control plane and a MinIO that trusts its ServiceAccounts. */
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts'
import { type Minio, type MinioOptions, startMinio } from './minio.ts'

export interface Environment {
  readonly controlPlane: ControlPlane
  readonly minio: Minio
  /** Makes `stop()` keep the logs of both. */
  keepLogs(): void
  stop(): Promise<void>
}

export interface EnvironmentOptions extends Omit<ControlPlaneOptions, 'whenServing'> {
  readonly rolePolicy?: MinioOptions['rolePolicy']
}

export async function startEnvironment(options: EnvironmentOptions = {}): Promise<Environment> {
  const { rolePolicy, ...controlPlaneOptions } = options
  let started: Minio | undefined
  try {
    const controlPlane = await startControlPlane({
      ...controlPlaneOptions,
      // MinIO reads the issuer's keys when it starts. It needn't wait for the controllers.
      async whenServing(serving) {
        started = await startMinio({ controlPlane: serving, ...(rolePolicy ? { rolePolicy } : {}) })
      },
    })
    const minio = started as Minio
    return {
      controlPlane,
      minio,
      keepLogs() {
        controlPlane.keepLogs()
        minio.keepLogs()
      },
      async stop() {
        await Promise.all([controlPlane.stop(), minio.stop()])
      },
    }
  } catch (error) {
    await started?.stop()
    throw error
  }
}
