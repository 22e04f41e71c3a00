/** `env`: the credentials of a role as variables, for a shell, a dotenv file, or Docker. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { onCluster } from '../cluster/connect.ts'
import { envLines, GRAMMARS, type Grammar } from '../credentials/env-file.ts'
import { CLEARED, isOfCluster } from '../credentials/handed-out.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { foundFailure, usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'
import { kubectl, shellOf } from '../text/kubectl.ts'
import { type Credentials, checkSeen, credentialsOf } from './credentials-of.ts'

export async function env(invocation: Invocation): Promise<Answer> {
  const grammar = grammarOf(invocation)
  const { namespace } = invocation.globals
  const words = ['env', ...invocation.arguments, ...(namespace ? ['-n', namespace] : [])]
  const own = kubectl(shellOf(invocation.globals), words, ['artifactstore'])
  checkSeen(invocation, `pipe them, as in eval "$(${own})", or give --show`)
  return onCluster(invocation.globals, async cluster => {
    const credentials = await credentialsOf(cluster, invocation, ['Env', 'AwsProfile'])
    const variables = { ...credentials.variables, ...(await rootsOf(credentials, invocation)) }
    const lines = linesOf(variables, grammar)
    const { secret, expiresAt } = credentials
    const content = { namespace: secret.namespace, secretName: secret.name, role: credentials.role, variables }
    return {
      lines: () => lines,
      data: report('Environment', {
        ...{ ...content, cleared: CLEARED.filter(name => !(name in variables)) },
        ...(expiresAt ? { expiresAt } : {}),
      }),
      names: [`secret/${secret.name}`],
      notes: notesOf(credentials, variables),
    }
  })
}

function grammarOf({ options }: Invocation): Grammar {
  const [grammar = 'shell', other] = GRAMMARS.filter(grammar => options[grammar] === true)
  if (other) throw usageFailure(`--${grammar} and --${other} exclude each other`, 'give one of them')
  return grammar
}

function linesOf(variables: Readonly<Record<string, string>>, grammar: Grammar): string[] {
  try {
    return envLines(variables, grammar)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw foundFailure(`a value can't be written for --${grammar}`, error.message)
  }
}

/** Writes the roots of a private CA where it was asked to. Returns the variable that names the file. */
async function rootsOf({ caPem, cloud }: Credentials, { options }: Invocation): Promise<Record<string, string>> {
  const { caFile } = options
  if (typeof caFile !== 'string') return {}
  if (caPem === undefined) throw usageFailure('--ca-file is given, and the store has no private CA', 'leave it out')
  const path = resolve(caFile)
  try {
    await writeFile(path, caPem)
  } catch (error) {
    throw usageFailure(`--ca-file ${path} can't be written: ${(error as Error).message}`, 'choose another path')
  }
  // For Azure, no variable names a file without replacing all other roots.
  return cloud === 'aws' ? { AWS_CA_BUNDLE: path } : {}
}

function notesOf(
  { caPem, expiresAt, host, cloud }: Credentials,
  variables: Readonly<Record<string, string>>,
): string[] {
  return [
    ...(expiresAt ? [`these credentials end at ${expiresAt}, and nothing replaces them here${RENEWING[cloud]}`] : []),
    ...(caPem !== undefined && cloud === 'aws' && !('AWS_CA_BUNDLE' in variables)
      ? [
          'the endpoint has a private CA: give --ca-file PATH to have its roots written there, and AWS_CA_BUNDLE name it',
        ]
      : []),
    ...(host && isOfCluster(host) ? [ofCluster(host)] : []),
  ]
}

const RENEWING = {
  aws: ': "kubectl artifactstore login" makes a profile that does',
  azure: '',
} as const

export const ofCluster = (host: string): string =>
  `the endpoint ${host} is one that only pods reach: forward its port, and give your tools that address`
