/** Pure: grants as commands of the AWS CLI. Names are joined to their options, so that none is taken for an option. */
import type { Grant, Holder } from '../../providers/s3/needs/grants.ts'
import type { Explained } from '../../providers/s3/needs/statements.ts'
import { policyText } from './documents.ts'
import { lineOf } from './holes.ts'
import { type Step, step } from './shell-commands.ts'

/** In the order in which they must be done: an issuer before the roles that trust it, and roles before what names them. */
export const awsCliSteps = (grants: readonly Grant[]): Step[] => grants.flatMap(stepsOf)

function stepsOf(grant: Grant): Step[] {
  switch (grant.kind) {
    case 'issuer':
      return [trustIssuer(grant)]
    case 'trust':
      return [createRole(grant.holder, grant.statements)]
    case 'identity':
      return [putPolicy(grant.holder, grant.name, grant.statements)]
    case 'bucket':
      return [putBucketPolicy(grant)]
    case 'key':
      return grant.isNeeded ? [createKeyGrant(grant)] : []
  }
}

/** Lets a provider that is there take another audience. */
export const trustClient = ({ arn, audience }: Grant & { kind: 'issuer' }): string[] => [
  ...['aws', 'iam', 'add-client-id-to-open-id-connect-provider'],
  ...[`--open-id-connect-provider-arn=${arn}`, `--client-id=${audience}`],
]

/** An account has one provider for an issuer, which many roles trust. */
function trustIssuer(issuer: Grant & { kind: 'issuer' }): Step {
  const get = ['aws', 'iam', 'get-open-id-connect-provider', `--open-id-connect-provider-arn=${issuer.arn}`]
  const create = ['aws', 'iam', 'create-open-id-connect-provider', `--url=${issuer.issuer}`]
  const made = lineOf([...create, '--client-id-list', issuer.audience])
  return {
    words: 'Trust the issuer of the cluster, with this audience.',
    line: `if ${lineOf(get)} >/dev/null 2>&1; then ${lineOf(trustClient(issuer))}; else ${made}; fi`,
    account: issuer.account,
  }
}

/** A role that is there keeps its trust policy, as others may become it, too. */
function createRole({ name, path, account }: Holder, statements: readonly Explained[]): Step {
  const where = path === '/' ? [] : [`--path=${path}`]
  const document = ['--assume-role-policy-document', policyText(statements)]
  const get = lineOf(['aws', 'iam', 'get-role', `--role-name=${name}`])
  const make = lineOf(['aws', 'iam', 'create-role', `--role-name=${name}`, ...where, ...document])
  const message = 'the role is there: see that its trust policy has the statement'
  return {
    words: 'Create the role. One that is there keeps its trust policy: see that it has the statement.',
    line: `if ${get} >/dev/null 2>&1; then echo ${lineOf([message])} >&2; else ${make}; fi`,
    account,
  }
}

/** Replaces the whole trust policy of a role that is there. */
export const updateTrust = ({ name }: Holder, statements: readonly Explained[]): string[] => [
  ...['aws', 'iam', 'update-assume-role-policy', `--role-name=${name}`],
  ...['--policy-document', policyText(statements)],
]

function putPolicy({ kind, name, account }: Holder, policy: string, statements: readonly Explained[]): Step {
  const [call, option] = kind === 'role' ? ['put-role-policy', '--role-name'] : ['put-user-policy', '--user-name']
  const document = [`--policy-name=${policy}`, '--policy-document', policyText(statements)]
  const about = `Allow the ${kind} what is needed, by a policy of its own.`
  return step(about, ['aws', 'iam', call, `${option}=${name}`, ...document], account)
}

/** A bucket has one policy. One that is there is left alone, as nobody knows what it is for. */
function putBucketPolicy({ bucket, account, statements }: Grant & { kind: 'bucket' }): Step {
  const get = lineOf(['aws', 's3api', 'get-bucket-policy', `--bucket=${bucket}`])
  const put = lineOf(['aws', 's3api', 'put-bucket-policy', `--bucket=${bucket}`, '--policy', policyText(statements)])
  const message = 'the bucket has a policy, or it may not be read: add the statements to it by hand'
  return {
    words:
      'Let the identity of the other account in. A policy that the bucket has already stays: add the statements to it.',
    line: `if ${get} 2>&1 | grep -q NoSuchBucketPolicy; then ${put}; else echo ${lineOf([message])} >&2; false; fi`,
    account,
  }
}

/** A grant adds to what the key's policy says, which put-key-policy would replace. */
function createKeyGrant({ key, account, principal, statements }: Grant & { kind: 'key' }): Step {
  const operations = statements.flatMap(({ statement }) => statement.Action.map(action => action.replace('kms:', '')))
  const words = [`--key-id=${key}`, `--grantee-principal=${principal}`, '--operations', ...new Set(operations)]
  const about = 'Let the identity of the other account use the key, by a grant beside the policy of the key.'
  return step(about, ['aws', 'kms', 'create-grant', ...words], account)
}
