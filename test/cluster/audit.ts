/** What the API server of a test cluster was asked by ServiceAccounts, from its audit log. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface AuditedRequest {
  verb: string
  /** Resource with its subresource, such as `serviceaccounts/token`. */
  resource: string
  /** Undefined: the request is about the whole cluster. */
  namespace: string | undefined
  name: string | undefined
  code: number
}

export interface AuditLog {
  /** Flags of kube-apiserver that make it write the log. */
  readonly flags: string[]
  /** The requests of a ServiceAccount for resources so far, also those that were refused. */
  requestsOf(namespace: string, serviceAccount: string): AuditedRequest[]
  remove(): void
}

interface AuditEvent {
  stage: string
  verb: string
  user: { username: string }
  objectRef?: { resource: string; subresource?: string; namespace?: string; name?: string }
  responseStatus?: { code: number }
}

const POLICY = {
  ...{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy' },
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
}

export function createAuditLog(): AuditLog {
  const dir = mkdtempSync(join(tmpdir(), 'audit-'))
  const [policy, log] = [join(dir, 'policy.json'), join(dir, 'audit.log')]
  writeFileSync(policy, JSON.stringify(POLICY))
  return {
    flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`],
    requestsOf(namespace, serviceAccount) {
      const user = `system:serviceaccount:${namespace}:${serviceAccount}`
      const events = readFileSync(log, 'utf8').trim().split('\n')
      return events.flatMap(line => requestOf(JSON.parse(line), user))
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function requestOf({ stage, verb, user, objectRef, responseStatus }: AuditEvent, username: string): AuditedRequest[] {
  if (user.username !== username || !objectRef) return []
  // A watch has answered long before it ends, which it may do after the process that asked for it.
  if (verb === 'watch' && stage === 'ResponseComplete' && responseStatus?.code === 200) return []
  const { resource, subresource, namespace, name } = objectRef
  const full = subresource ? `${resource}/${subresource}` : resource
  return [{ verb, resource: full, namespace, name, code: responseStatus?.code ?? 0 }]
}
