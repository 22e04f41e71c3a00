/** `login`: a credential process of AWS's tools, and the profile that calls it. */
import { onCluster } from '../cluster/connect.ts'
import { isOfCluster } from '../credentials/handed-out.ts'
import { isProfileName } from '../credentials/profile-file.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'
import { commandLine } from '../text/shell.ts'
import { type Credentials, checkSeen, credentialsOf } from './credentials-of.ts'
import { ofCluster } from './env.ts'
import { writeProfile } from './write-profile.ts'

export async function login(invocation: Invocation): Promise<Answer> {
  const { options, globals } = invocation
  const { profile } = options
  const [, role = ''] = invocation.arguments
  if (typeof profile === 'string') {
    if (!isProfileName(profile)) {
      throw usageFailure(
        `--profile "${profile}" can't be the name of a profile here`,
        'use letters, digits and . _ -, 64 at most, and another name than default',
      )
    }
  } else {
    if (globals.output === 'json' || globals.output === 'yaml') {
      const what = `login prints what AWS's tools take from a credential process, so -o ${globals.output} has no meaning`
      throw usageFailure(what, 'leave it out, or use "kubectl artifactstore env"')
    }
    checkSeen(invocation, `give --profile NAME to have AWS's tools call this by themselves, or --show`)
  }
  return onCluster(globals, async cluster => {
    const credentials = await credentialsOf(cluster, invocation, ['AwsProfile', 'Env'], ({ spec }) =>
      onS3(spec.path, role),
    )
    const { output = {}, secret } = credentials
    if (typeof profile === 'string')
      return profileAnswer(credentials, await writeProfile(profile, credentials, invocation, cluster))
    return { lines: () => [JSON.stringify(output)], data: output, names: [`secret/${secret.name}`] }
  })
}

function onS3(path: string, role: string): void {
  if (path.startsWith('s3://')) return
  throw usageFailure(
    `the store is on Azure (${path}), and credential processes are of AWS's tools only`,
    `use "kubectl artifactstore env STORE ${role}", whose variables the Azure CLI and AzCopy work with`,
  )
}

function profileAnswer(
  { store, role, secret, host, expiresAt }: Credentials,
  { name, file, caFile }: { name: string; file: string; caFile?: string },
): Answer {
  const { subPath } = store.spec.credentials?.find(({ name }) => name === role) ?? {}
  const place = [store.spec.path, subPath].flatMap(part => part?.replace(/\/$/, '') ?? []).join('/')
  const tried = commandLine(['aws', 's3', 'ls', '--profile', name, `${place}/`])
  const content = { profile: name, file, role, namespace: secret.namespace, secretName: secret.name }
  return {
    lines: ({ paint }) => [paint(`profile ${name}: written to ${file}`, 'good'), `try it: ${tried}`],
    data: report('Login', { ...content, ...(caFile ? { caFile } : {}) }),
    names: [name],
    notes: [
      ...(expiresAt
        ? []
        : ['these credentials do not end: tools that run must be started again after they were changed']),
      ...(host && isOfCluster(host) ? [ofCluster(host)] : []),
    ],
  }
}
