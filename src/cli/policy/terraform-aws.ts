/** Pure: grants as blocks of Terraform. */
import type { Grant } from '../../providers/s3/needs/grants.ts'
import { policyText } from './documents.ts'
import { hole } from './holes.ts'
import type { S3Sheet } from './sheet.ts'
import type { Block, Blocks } from './terraform-blocks.ts'

type Of<K extends Grant['kind']> = Grant & { kind: K }

const HAS_ROLES = 'has_roles'

export function ofGrants({ grants }: S3Sheet): Blocks {
  const roles = grants.filter((grant): grant is Of<'trust'> => grant.kind === 'trust').map(({ holder }) => holder.arn)
  const parts = grants.map((grant, at) => blocksOf(grant, at + 1, roles))
  const isMade = grants.some(({ kind }) => kind === 'issuer' || kind === 'trust')
  return {
    blocks: parts.flatMap(({ blocks }) => blocks),
    locals: Object.assign({}, ...parts.map(({ locals }) => locals)),
    variables: {
      ...(isMade ? { [HAS_ROLES]: HAS_ROLES_VARIABLE } : {}),
      ...Object.assign({}, ...parts.map(({ variables }) => variables)),
    },
  }
}

const HAS_ROLES_VARIABLE = {
  type: 'bool',
  default: false,
  description:
    'true where the OIDC provider and the roles are there already, as for another store of the connector: then only rights are added',
}

const NONE: Blocks = { blocks: [], locals: {}, variables: {} }
const only = (...blocks: Block[]): Blocks => ({ ...NONE, blocks })

/** An account has one provider for an issuer, and a role is made once: the files of further stores make neither. */
const ONCE = { count: hole(`var.${HAS_ROLES} ? 0 : 1`) }

/** `at`: number of the grant. `roles`: ARNs of those that are made here. */
function blocksOf(grant: Grant, at: number, roles: readonly string[]): Blocks {
  switch (grant.kind) {
    case 'issuer':
      return only({
        ...{ block: 'resource', type: 'aws_iam_openid_connect_provider', name: 'cluster', account: grant.account },
        body: { ...ONCE, url: grant.issuer, client_id_list: [grant.audience] },
      })
    case 'trust':
      return only(roleOf(grant, roles))
    case 'identity':
      return only(...policiesOf(grant, at, roles))
    case 'bucket':
      return bucketOf(grant, `bucket_${at}`, roles)
    case 'key':
      return grant.isNeeded ? only(...keyGrantOf(grant, `key_${at}`, roles)) : NONE
  }
}

/** A role that is made here is made before what names it: IAM takes no name of what is not there. */
const after = (arns: readonly string[], roles: readonly string[]): Block['body'] => {
  const made = arns.flatMap(arn => (roles.includes(arn) ? roleAddress(arn, roles) : []))
  return made.length > 0 ? { depends_on: made } : {}
}

const roleName = (arn: string, roles: readonly string[]): string => `role_${roles.indexOf(arn) + 1}`
const roleAddress = (arn: string, roles: readonly string[]): string => `aws_iam_role.${roleName(arn, roles)}`

function roleOf({ holder, statements }: Of<'trust'>, roles: readonly string[]): Block {
  const { name, path, account, arn } = holder
  const named = statements.flatMap(({ statement }) => Object.values(statement.Principal ?? {}))
  return {
    ...{ block: 'resource', type: 'aws_iam_role', name: roleName(arn, roles), account },
    body: { ...ONCE, name, path, assume_role_policy: policyText(statements), ...after(named, roles) },
  }
}

function policiesOf(grant: Of<'identity'>, at: number, roles: readonly string[]): Block[] {
  const { holder, name, isManaged, statements } = grant
  const { kind, account, arn } = holder
  const [block, policy] = ['resource' as const, policyText(statements)]
  const made = { name: `policy_${at}`, account }
  const of = { [kind]: holder.name, ...after([arn], roles) }
  if (!isManaged) return [{ block, type: `aws_iam_${kind}_policy`, ...made, body: { name, policy, ...of } }]
  const policy_arn = hole(`aws_iam_policy.policy_${at}.arn`)
  return [
    { block, type: 'aws_iam_policy', ...made, body: { name, policy } },
    { block, type: `aws_iam_${kind}_policy_attachment`, ...made, body: { policy_arn, ...of } },
  ]
}

/** A bucket has one policy, which is replaced as a whole: what is in it already is asked for. */
function bucketOf(grant: Of<'bucket'>, name: string, roles: readonly string[]): Blocks {
  const { account, bucket, principal, statements } = grant
  const there = `policy_of_${name}`
  return {
    locals: { [name]: policyText(statements) },
    variables: {
      [there]: {
        type: 'string',
        description: `policy that bucket ${bucket} has already, as JSON, and empty where it has none: aws s3api get-bucket-policy --bucket=${bucket} --query=Policy --output=text`,
      },
    },
    blocks: [
      {
        ...{ block: 'data', type: 'aws_iam_policy_document', name, account },
        body: { override_policy_documents: hole(`compact([var.${there}, local.${name}])`) },
      },
      {
        ...{ block: 'resource', type: 'aws_s3_bucket_policy', name, account },
        body: { bucket, policy: hole(`data.aws_iam_policy_document.${name}.json`), ...after([principal], roles) },
      },
    ],
  }
}

/** A grant takes no alias of a key. */
function keyGrantOf(grant: Of<'key'>, name: string, roles: readonly string[]): Block[] {
  const { key, account, principal, statements, region = '' } = grant
  const operations = statements.flatMap(({ statement }) => statement.Action.map(action => action.replace('kms:', '')))
  const isAlias = /^(arn:.{0,256}:)?alias\//.test(key)
  const place = { name, account }
  const lookedUp: Block[] = isAlias ? [{ block: 'data', type: 'aws_kms_key', ...place, body: { key_id: key } }] : []
  const body = {
    '//': `the provider must be of region ${region}`,
    ...{ name: grant.name, key_id: isAlias ? hole(`data.aws_kms_key.${name}.arn`) : key, grantee_principal: principal },
    ...{ operations: [...new Set(operations)], ...after([principal], roles) },
  }
  return [...lookedUp, { block: 'resource', type: 'aws_kms_grant', ...place, body }]
}
