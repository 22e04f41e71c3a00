/** adlfs in a pod that has an Env Secret as its variables, and mounts it for the roots of a private CA. */
import { join } from 'node:path'
import { Consumer } from './consumer.ts'
import { SecretVolume } from './volume.ts'

/** `python`: as of pythonWithAdlfs. `data`: as Secrets carry it. `mountPath`: a folder that is not there yet. */
export function startAdlfs(python: string, data: Record<string, string>, mountPath: string): Consumer {
  new SecretVolume(mountPath).update(data)
  const variables = Object.entries(data)
    .filter(([key]) => /^\w+$/.test(key))
    .map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  // On Azure itself the well-known roots do.
  const env = { ...Object.fromEntries(variables), SSL_CERT_FILE: join(mountPath, 'ca.crt') }
  return new Consumer(python, 'azure-client.py', env)
}
