/** adlfs in a pod that has an Env Secret as its variables, and mounts it for the roots of a private CA. */
import { join } from 'node:path'
import { ClientProcess } from '../support/client-process.ts'
import { MountedSecret, plainText, variablesOf } from '../support/mounted-secret.ts'

const SCRIPT = join(import.meta.dirname, 'azure-client.py')

/** `python`: as of pythonWithAdlfs. `data`: as Secrets carry it. `mountPath`: a folder that is not there yet. */
export function startAdlfs(python: string, data: Record<string, string>, mountPath: string): ClientProcess {
  const values = plainText(data)
  const mounted = new MountedSecret(mountPath)
  mounted.update(values)
  // On Azure itself the well-known roots do.
  const env = { ...variablesOf(values), SSL_CERT_FILE: join(mounted.path, 'ca.crt') }
  return new ClientProcess({ command: python, args: [SCRIPT], env })
}
