/** adlfs as in a pod that has an Env Secret as variables and mounts it for the private CA. */
import { join } from 'node:path'
import { ClientProcess } from '../support/client-process.ts'
import { MountedSecret, plainText, variablesOf } from '../support/mounted-secret.ts'

const SCRIPT = join(import.meta.dirname, 'azure-client.py')

/** `python`: the result of pythonWithAdlfs. `data`: the data of a Secret. `mountPath`: a new folder. */
export function startAdlfs(python: string, data: Record<string, string>, mountPath: string): ClientProcess {
  const values = plainText(data)
  const mounted = new MountedSecret(mountPath)
  mounted.update(values)
  // On Azure itself the roots of the system are enough.
  const env = { ...variablesOf(values), SSL_CERT_FILE: join(mounted.path, 'ca.crt') }
  return new ClientProcess({ command: python, args: [SCRIPT], env })
}
