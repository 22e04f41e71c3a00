/** Runs the programs of consumers: the scripts in python/, and Apache Hadoop. */
import { join } from 'node:path'
import { hadoopArguments } from '../../cluster/hadoop.ts'
import { run } from '../../support/client-process.ts'

type Variables = Record<string, string>

export const scriptPath = (name: string): string => join(import.meta.dirname, 'python', name)

/** Runs a Python script and returns its line of JSON. */
export const askPython = async (python: string, script: string, args: string[], env: Variables = {}) =>
  JSON.parse(await run({ command: python, args: [scriptPath(script), ...args], env }))

/** Variables for a ZenML without a server, which keeps its data in `directory`. */
export const zenmlVariables = (directory: string): Variables => ({
  ZENML_ANALYTICS_OPT_IN: 'false',
  ZENML_LOGGING_VERBOSITY: 'ERROR',
  ZENML_CONFIG_PATH: directory,
})

/** Variables with the private CA of a mounted Secret, by the two names that Python's libraries read. */
export const rootsOf = (mountPath: string): Variables => ({
  SSL_CERT_FILE: `${mountPath}/ca.crt`,
  REQUESTS_CA_BUNDLE: `${mountPath}/ca.crt`,
})

/** Options of a JVM with a trust store that the container makes of the Secret when it starts, as Java reads no PEM. */
export async function trustStoreOf(mountPath: string): Promise<string[]> {
  const [store, password] = [`${mountPath}.p12`, 'changeit']
  const args = ['-importcert', '-noprompt', '-file', `${mountPath}/ca.crt`, '-keystore', store, '-storepass', password]
  await run({ command: 'keytool', args, env: {} })
  return [`-Djavax.net.ssl.trustStore=${store}`, `-Djavax.net.ssl.trustStorePassword=${password}`]
}

/** Asks Hadoop about each URI, with only the settings in `directory`. `options`: flags of the JVM. */
export async function askHadoop(
  directory: string,
  question: string,
  uris: string[],
  { options = [], env = {} }: { options?: string[]; env?: Variables } = {},
) {
  const args = [...options, ...(await hadoopArguments(directory)), question, ...uris]
  return JSON.parse(await run({ command: 'java', args, env }))
}
