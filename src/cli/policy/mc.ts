/** Pure: grants as commands of mc, for MinIO. */
import type { Grant } from '../../providers/s3/needs/grants.ts'
import { policyText } from './documents.ts'
import { hole, lineOf } from './holes.ts'
import type { Step } from './shell-commands.ts'

const ALIAS = hole('MC_ALIAS')

export function mcSteps(grants: readonly Grant[]): Step[] {
  const isWeb = grants.some(({ kind }) => kind === 'issuer')
  const parts = grants.filter(({ kind }) => kind === 'identity')
  return grants.flatMap((grant): Step[] => {
    if (grant.kind === 'issuer') return [trusted(grant)]
    if (grant.kind !== 'identity') return []
    const { holder, name, statements } = grant
    // What takes a role by a token has the policy that the role is set up with; others have theirs attached.
    const number = parts.indexOf(grant) + 1
    const policy = isWeb ? `${hole('ROLE_POLICY')}${number > 1 ? `-${number}` : ''}` : name
    const made = {
      words: isWeb
        ? `Make the policy of the role. It replaces one of that name, for all who take the role.${number > 1 ? ' The first has no room for it: add its name to role_policy, after a comma.' : ''}`
        : 'Make a policy of its own.',
      line: `${lineOf(['printf', '%s', policyText(statements)])} | ${lineOf(['mc', 'admin', 'policy', 'create', ALIAS, policy, '/dev/stdin'])}`,
    }
    if (isWeb) return [made]
    return [made, { words: 'Give it to the user.', line: attached(policy, holder.name) }]
  })
}

/** mc fails where the user has the policy already. */
function attached(policy: string, user: string): string {
  const line = lineOf(['mc', 'admin', 'policy', 'attach', ALIAS, policy, `--user=${user}`])
  return `said=$(${line} 2>&1) || case $said in *'already in effect'*) ;; *) echo "$said" >&2; false ;; esac`
}

/** How MinIO trusts the cluster, which it reads when it starts. */
function trusted({ issuer, audience }: Grant & { kind: 'issuer' }): Step {
  const config = `${issuer}/.well-known/openid-configuration`
  const settings = [`client_id=${audience}`, `config_url=${config}`, `role_policy=${hole('ROLE_POLICY')}`]
  const about = 'Where MinIO does not trust the cluster yet: mc idp openid add, and then mc admin service restart:'
  return { words: `${about} ${lineOf(['mc', 'idp', 'openid', 'add', ALIAS, ...settings])}` }
}
