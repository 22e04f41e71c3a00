/** Pure: grants as commands of the AWS CLI. Names are joined to their options, so that none is taken for an option. */
import type { Grant, Holder } from '../../providers/s3/needs/grants.ts'
import { awsLine, awsWords } from './aws-words.ts'
import { putBucketPolicy } from './bucket-policy.ts'
import { policyText } from './documents.ts'
import { lineOf } from './holes.ts'
import type { Step } from './shell-commands.ts'

type Of<K extends Grant['kind']> = Grant & { kind: K }

/** In the order in which they must be done: an issuer before the roles that trust it, and roles before what names them. */
export const awsCliSteps = (grants: readonly Grant[]): Step[] => grants.flatMap(stepsOf)

function stepsOf(grant: Grant): Step[] {
  switch (grant.kind) {
    case 'issuer':
      return [trustIssuer(grant)]
    case 'trust':
      return [createRole(grant)]
    case 'identity':
      return grant.isManaged ? [createPolicy(grant), attachPolicy(grant)] : [putPolicy(grant)]
    case 'bucket':
      return [putBucketPolicy(grant)]
    case 'key':
      return grant.isNeeded ? [createKeyGrant(grant)] : []
  }
}

/** Whose credentials a step needs, and where. */
const inAccount = (account: string, { region }: Grant): Pick<Step, 'account' | 'region'> => ({
  ...{ account },
  ...(region === undefined ? {} : { region }),
})

/** Lets a provider that is there take another audience. */
const trustClient = ({ arn, audience, region }: Of<'issuer'>): string[] =>
  awsWords(region, 'iam', 'add-client-id-to-open-id-connect-provider', [
    ...[`--open-id-connect-provider-arn=${arn}`, `--client-id=${audience}`],
  ])

export const addAudience = (issuer: Of<'issuer'>): Step => ({
  words: 'Let the provider take the audience.',
  line: lineOf(trustClient(issuer)),
  ...inAccount(issuer.account, issuer),
})

/** An account has one provider for an issuer, which many roles trust. */
function trustIssuer(issuer: Of<'issuer'>): Step {
  const { region, arn, account, audience } = issuer
  const get = awsLine(region, 'iam', 'get-open-id-connect-provider', [`--open-id-connect-provider-arn=${arn}`])
  const options = [`--url=${issuer.issuer}`, '--client-id-list', audience]
  const create = awsLine(region, 'iam', 'create-open-id-connect-provider', options)
  return {
    words: 'Trust the issuer of the cluster, with this audience.',
    line: `if ${get} >/dev/null 2>&1; then ${lineOf(trustClient(issuer))}; else ${create}; fi`,
    ...inAccount(account, issuer),
  }
}

/** A role that is there keeps its trust policy, as others may become it, too. IAM knows a new one only a moment later. */
function createRole(grant: Of<'trust'>): Step {
  const { holder, statements, region } = grant
  const { name, path, account } = holder
  const where = path === '/' ? [] : [`--path=${path}`]
  const document = ['--assume-role-policy-document', policyText(statements)]
  const get = awsLine(region, 'iam', 'get-role', [`--role-name=${name}`])
  const make = awsLine(region, 'iam', 'create-role', [`--role-name=${name}`, ...where, ...document])
  const wait = awsLine(region, 'iam', 'wait', ['role-exists', `--role-name=${name}`])
  const message = 'the role is there: see that its trust policy has the statement'
  return {
    words: 'Create the role. One that is there keeps its trust policy: see that it has the statement.',
    // No "&&": a shell that stops at failures would not stop at the one before it.
    line: `if ${get} >/dev/null 2>&1; then echo ${lineOf([message])} >&2; elif ${make}; then ${wait}; else false; fi`,
    ...inAccount(account, grant),
  }
}

/** Replaces the whole trust policy of a role that is there. */
export const updateTrust = (grant: Of<'trust'>): Step => ({
  words: 'Let the role trust who becomes it.',
  line: awsLine(grant.region, 'iam', 'update-assume-role-policy', [
    ...[`--role-name=${grant.holder.name}`, '--policy-document', policyText(grant.statements)],
  ]),
  ...inAccount(grant.holder.account, grant),
})

function putPolicy(grant: Of<'identity'>): Step {
  const { holder, name, statements, region } = grant
  const { kind, account } = holder
  const document = [`--policy-name=${name}`, '--policy-document', policyText(statements)]
  return {
    words: `Allow the ${kind} what is needed, by a policy of its own.`,
    line: awsLine(region, 'iam', `put-${kind}-policy`, [holderOption(holder), ...document]),
    ...inAccount(account, grant),
  }
}

const holderOption = ({ kind, name }: Holder): string => `--${kind}-name=${name}`

const policyArn = ({ holder, name }: Of<'identity'>): string => {
  const [, partition = 'aws'] = holder.arn.split(':', 2)
  return `arn:${partition}:iam::${holder.account}:policy/${name}`
}

/** IAM keeps five versions of a policy: the oldest ones make room for the new one. */
function createPolicy(grant: Of<'identity'>): Step {
  const { holder, name, statements, region } = grant
  const arn = `--policy-arn=${policyArn(grant)}`
  const document = ['--policy-document', policyText(statements)]
  const iam = (call: string, words: string[]) => awsLine(region, 'iam', call, words)
  const query = 'sort_by(Versions[?!IsDefaultVersion],&CreateDate)[:-3].VersionId'
  const oldest = iam('list-policy-versions', [arn, '--query', query, '--output=text'])
  const remove = `for version in $(${oldest}); do ${iam('delete-policy-version', [arn])} --version-id="$version"; done`
  const change = iam('create-policy-version', [arn, '--set-as-default', ...document])
  const create = iam('create-policy', [`--policy-name=${name}`, ...document])
  const wait = iam('wait', ['policy-exists', arn])
  return {
    words: `Make a managed policy of its own, as inline policies have no room for what all stores of the ${holder.kind} need.`,
    line: `if ${iam('get-policy', [arn])} >/dev/null 2>&1; then ${remove}; ${change}; elif ${create}; then ${wait}; else false; fi`,
    ...inAccount(holder.account, grant),
  }
}

function attachPolicy(grant: Of<'identity'>): Step {
  const { holder, region } = grant
  const words = [holderOption(holder), `--policy-arn=${policyArn(grant)}`]
  return {
    words: `Give it to the ${holder.kind}.`,
    line: awsLine(region, 'iam', `attach-${holder.kind}-policy`, words),
    ...inAccount(holder.account, grant),
  }
}

/**
 * A grant adds to what the key's policy says, which put-key-policy would replace. It takes no alias. The same grant with the
 * same name is made once.
 */
function createKeyGrant(grant: Of<'key'>): Step {
  const { key, account, principal, statements, region, name } = grant
  const operations = statements.flatMap(({ statement }) => statement.Action.map(action => action.replace('kms:', '')))
  const words = [`--name=${name}`, `--grantee-principal=${principal}`, '--operations', ...new Set(operations)]
  const create = awsLine(region, 'kms', 'create-grant', words)
  const find = awsLine(region, 'kms', 'describe-key', [`--key-id=${key}`, '--query=KeyMetadata.Arn', '--output=text'])
  return {
    words: 'Let the identity of the other account use the key, by a grant beside the policy of the key.',
    line: /^(arn:.{0,256}:)?alias\//.test(key)
      ? `if key=$(${find}); then ${create} --key-id="$key"; else false; fi`
      : `${create} ${lineOf([`--key-id=${key}`])}`,
    ...inAccount(account, grant),
  }
}
