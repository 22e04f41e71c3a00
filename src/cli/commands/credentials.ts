/** Commands that hand on credentials, which the person may read. */
import type { Argument, Command, Option } from '../frame/command.ts'

const ARGUMENTS: readonly Argument[] = [
  { name: 'store', about: 'name of the store', isRequired: true, completes: 'store' },
  { name: 'role', about: 'name of the entry in spec.credentials', isRequired: true, completes: 'role' },
]
const OPTIONS: readonly Option[] = [
  {
    flags: '--target <namespace>',
    about: "namespace of the Secret (default: the store's own, or the first that has one)",
    completes: 'namespace',
  },
  { flags: '--show', about: 'print credentials on a terminal, too' },
]

const RIGHTS = 'Reads the Secret with your own rights: you need get on the store and on that Secret.'

export const envCommand: Command = {
  name: 'env',
  group: 'Use',
  summary: "print a role's credentials as variables",
  about:
    `${RIGHTS} The role needs the format Env or AwsProfile. Only variables that the operator writes are printed: AWS_*, ` +
    'AZURE_STORAGE_* and BUCKET_*. For a shell, a first line takes away those that another store has left there, with its ' +
    'AWS_CA_BUNDLE, and AWS_PROFILE and the key of an account, which tools would take before. A file can take nothing away: ' +
    'load it where no variables of another store are, and write one for each store. What fish, a dotenv file or Docker could ' +
    'read in another way is refused. PowerShell takes -o json, as the example shows. Nothing replaces the credentials when ' +
    'they end: for AWS, see login. For Azure, the Azure CLI and adlfs read AZURE_STORAGE_*, and AzCopy ' +
    'takes the token in the URL: "$BUCKET_ENDPOINT/$BUCKET_NAME/$BUCKET_PREFIX?$AZURE_STORAGE_SAS_TOKEN".',
  arguments: ARGUMENTS,
  options: [
    { flags: '--shell', about: 'for a POSIX shell, such as sh, bash and zsh (the default)' },
    { flags: '--fish', about: 'for fish' },
    { flags: '--dotenv', about: 'for a dotenv file, as all parsers read it' },
    { flags: '--docker', about: "for Docker's --env-file" },
    { flags: '--ca-file <path>', about: 'write the roots of a private CA there, and have AWS_CA_BUNDLE name it' },
    ...OPTIONS,
  ],
  examples: [
    { line: 'env models step -n ml', about: 'in a shell: eval "$(...)"' },
    { line: 'env models step -n ml --fish | source', about: 'in fish' },
    { line: 'env models step -n ml --docker > env', about: 'for docker run --env-file env' },
    {
      line: 'env models step -n ml -o json',
      about:
        'in PowerShell: $e = ... | ConvertFrom-Json; $e.cleared | % { Remove-Item "Env:$_" -ea Ignore }; ' +
        '$e.variables.PSObject.Properties | % { Set-Item "Env:$($_.Name)" $_.Value }',
    },
  ],
  data: {
    kind: 'Environment',
    members: {
      namespace: 'namespace of the Secret',
      secretName: 'its name',
      role: 'the entry in spec.credentials',
      'variables.*': 'each variable with its value, which is secret',
      'cleared[]': 'variables that must not be there beside them',
      expiresAt: 'when the credentials end; absent: never',
    },
  },
  run: async invocation => (await import('../actions/env.ts')).env(invocation),
}

export const loginCommand: Command = {
  name: 'login',
  group: 'Use',
  summary: "be a credential process of AWS's tools, or write the profile that calls it",
  about:
    `${RIGHTS} The role needs the format AwsProfile or Env. Without --profile, prints what the setting credential_process ` +
    "expects, with the end of the credentials, so AWS's tools ask again in time. With --profile, writes this profile into " +
    '$AWS_CONFIG_FILE or ~/.aws/config, with region, endpoint and private CA of the store; a profile of that name that ' +
    'others wrote is left alone. The profile names this program, the context and the kubeconfig as they are now. ' +
    'Credential processes are of AWS only: for Azure, see env.',
  arguments: ARGUMENTS,
  options: [{ flags: '--profile <name>', about: 'write this profile instead' }, ...OPTIONS],
  examples: [
    {
      line: 'login models step -n ml --profile models',
      about: 'then aws s3 ls --profile models s3://acme-models/team-a/',
    },
  ],
  data: {
    kind: 'Login, with --profile only',
    members: {
      profile: 'name of the profile',
      file: 'the file that it is in',
      caFile: 'file with the roots of a private CA',
      role: 'the entry in spec.credentials',
      namespace: 'namespace of the Secret',
      secretName: 'its name',
    },
  },
  run: async invocation => (await import('../actions/login.ts')).login(invocation),
}
