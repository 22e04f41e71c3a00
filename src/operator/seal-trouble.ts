/**
 * Why the key of the seals can't be read or made, as far as the API server says, and the cure. Anybody in the
 * cluster may see the text, in /readyz: it repeats nothing that the API server or a webhook of others wrote.
 */
import { SEAL_SECRET } from '../api/names.ts'
import { ApiError, isOfEndingNamespace, isOverQuota } from '../kube/errors.ts'

/** What was being done: the key was read or made, or the cluster's uid was read. */
export type SealStep = 'read' | 'make' | 'cluster'

/** An error that has its cure in its message. */
export class UnusableKey extends Error {}

/** Words of the API server's own messages. Those of webhooks come behind its own. */
const ADMISSION = ['admission webhook', 'failed calling webhook', 'ValidatingAdmissionPolicy']

export function sealTroubleOf(error: unknown, step: SealStep, namespace: string): string {
  if (error instanceof UnusableKey) return error.message
  const secret = `Secret "${namespace}/${SEAL_SECRET}"`
  if (!(error instanceof ApiError)) return 'the API server does not answer; it is tried again'
  const { code, message } = error
  if (step === 'make') {
    if (ADMISSION.some(words => message.includes(words))) {
      const make = `openssl rand -out seal.key 32 && kubectl create secret generic ${SEAL_SECRET} -n ${namespace} --from-file=key=seal.key && rm seal.key`
      return `an admission webhook or policy refuses or changes ${secret}: exempt it, or make it yourself: run "${make}"`
    }
    if (code === 404) {
      return `namespace "${namespace}" does not exist: run "kubectl create namespace ${namespace}", or set POD_NAMESPACE to the namespace that the operator runs in`
    }
    if (isOverQuota(error)) {
      return `a quota leaves no room for ${secret}: run "kubectl describe resourcequota -n ${namespace}", then raise the quota or delete what nobody needs`
    }
    if (isOfEndingNamespace(error)) {
      return `namespace "${namespace}" is being deleted, so ${secret} can't be made: install the operator again once it is gone`
    }
  }
  if (code === 403) {
    const what = step === 'cluster' ? 'list namespaces' : `${step === 'read' ? 'get' : 'create'} ${secret}`
    return `the operator may not ${what}: run "kubectl apply --server-side -k deploy/", which gives it its rights`
  }
  return `the API server answers with HTTP ${code}; it is tried again`
}
