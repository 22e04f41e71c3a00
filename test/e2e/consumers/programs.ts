/** How the programs of consumers are run: the scripts in python/, and Apache Hadoop. */
import { join } from 'node:path'
import { hadoopArguments } from '../../cluster/hadoop.ts'
import { run } from '../../support/client-process.ts'

type Variables = Record<string, string>

export const scriptPath = (name: string): string => join(import.meta.dirname, 'python', name)

/** A Python script's line of JSON. */
export const askPython = async (python: string, script: string, args: string[], env: Variables = {}) =>
  JSON.parse(await run({ command: python, args: [scriptPath(script), ...args], env }))

/** Of a ZenML that is on its own, and keeps what it knows in `directory`. */
export const zenmlVariables = (directory: string): Variables => ({
  ZENML_ANALYTICS_OPT_IN: 'false',
  ZENML_LOGGING_VERBOSITY: 'ERROR',
  ZENML_CONFIG_PATH: directory,
})

/** The private CA of a mounted Secret, by the two names that Python's libraries read. */
export const rootsOf = (mountPath: string): Variables => ({
  SSL_CERT_FILE: `${mountPath}/ca.crt`,
  REQUESTS_CA_BUNDLE: `${mountPath}/ca.crt`,
})

/** Hadoop's answer of each URI, with nothing but the settings in `directory`; `options` of its JVM. */
export async function askHadoop(
  directory: string,
  question: string,
  uris: string[],
  { options = [], env = {} }: { options?: string[]; env?: Variables } = {},
) {
  const args = [...options, ...(await hadoopArguments(directory)), question, ...uris]
  return JSON.parse(await run({ command: 'java', args, env }))
}
