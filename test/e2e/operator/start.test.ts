/** What keeps an operator from its start, on a real API server: it waits, says why, and goes on by itself. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SEAL_SECRET } from '../../../src/api/names.ts'
import { SECRETS } from '../../../src/kube/resource.ts'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import { Installation } from '../../support/installation.ts'
import { OperatorProcess, type Program } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'

const SYSTEM = 'artifact-store-system'
const FLAGS = ['--leader-elect=false']

let controlPlane: ControlPlane
let installation: Installation
before(async () => {
  controlPlane = await startControlPlane()
  installation = await new Installation(controlPlane).install()
})
after(async () => {
  await installation?.stop()
  await controlPlane?.stop()
})

const isReady = async (operator: OperatorProcess) => (await operator.get('/readyz')).startsWith('ok')
const withEnv = (env: NodeJS.ProcessEnv): Program => ({ main: 'src/main.ts', nodeFlags: [], env })

async function request(method: string, path: string, body?: object) {
  const answer = await controlPlane.request(method, path, body)
  assert.ok(answer.status < 300, answer.text)
  return answer.json
}

/** Waits until the operator says in /readyz what it waits for. */
const waitsFor = (operator: OperatorProcess, text: RegExp) =>
  operator.until(`says ${text}`, async () => operator.logs.length > 0 && text.test(await operator.get('/readyz')))

test('a webhook that changes the Secret of the key keeps the operator waiting, which says how to make it by hand', async t => {
  // As a webhook would: the label is there before the operator's own policy looks.
  const name = 'labels-everything'
  const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
  await request('POST', policies, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }],
      },
      matchConditions: [
        { name: 'seal', expression: `object.metadata.name == "${SEAL_SECRET}" && !has(object.data.admin)` },
      ],
      validations: [{ expression: 'false', message: 'no Secrets without an owner' }],
    },
  })
  await request('POST', `${policies.replace('policies', 'policybindings')}`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  })
  const draft = { metadata: { name: SEAL_SECRET }, data: { key: 'AA==' } }
  const attempt = () => controlPlane.request('POST', `/api/v1/namespaces/${SYSTEM}/secrets?dryRun=All`, draft)
  await until('the policy is in force', async () => (await attempt()).status === 422)
  const operator = OperatorProcess.spawn(await installation.operatorKubeconfig(), FLAGS)
  t.after(() => operator.kill())
  await waitsFor(
    operator,
    /waiting for the key of the seals: an admission webhook or policy .*--from-file=key=seal.key/,
  )
  assert.equal(await operator.metric('artifactstore_seal_key'), 0)
  // By hand, as the cure says; the policy stands for one that exempts the administrator.
  const key = Buffer.alloc(32, 1).toString('base64')
  await request('POST', `/api/v1/namespaces/${SYSTEM}/secrets`, {
    metadata: { name: SEAL_SECRET },
    data: { key, admin: key },
  })
  await operator.until('starts', () => isReady(operator), 60_000)
  assert.equal(await operator.metric('artifactstore_seal_key'), 1)
  await request('DELETE', `${policies}/${name}`)
  await installation.client.delete(SECRETS, SYSTEM, SEAL_SECRET)
})

test('a quota without room for the key keeps the operator waiting until it has gone', async t => {
  const quotas = `/api/v1/namespaces/${SYSTEM}/resourcequotas`
  const spec = { hard: { 'count/secrets': '0' } }
  const quota = await request('POST', quotas, { metadata: { name: 'none' }, spec })
  await request('PUT', `${quotas}/none/status`, { ...quota, status: { ...spec, used: { 'count/secrets': '0' } } })
  const operator = OperatorProcess.spawn(await installation.operatorKubeconfig(), FLAGS)
  t.after(() => operator.kill())
  await waitsFor(operator, /a quota leaves no room for .*kubectl describe resourcequota -n artifact-store-system/)
  await request('DELETE', `${quotas}/none`)
  await operator.until('starts', () => isReady(operator), 60_000)
})

test('a namespace that is not there keeps the operator waiting, which names it', async t => {
  const operator = OperatorProcess.spawn(controlPlane.kubeconfig, FLAGS, withEnv({ POD_NAMESPACE: 'nowhere' }))
  t.after(() => operator.kill())
  await waitsFor(operator, /namespace "nowhere" does not exist: run "kubectl create namespace nowhere"/)
  await request('POST', '/api/v1/namespaces', { metadata: { name: 'nowhere' } })
  await operator.until('starts', () => isReady(operator), 60_000)
})

test('a person who runs the operator beside an installation is told how both take turns', async t => {
  const operator = OperatorProcess.spawn(controlPlane.kubeconfig, FLAGS, withEnv({ POD_NAMESPACE: undefined }))
  t.after(() => operator.kill())
  await until('it ends', () => operator.exited)
  assert.equal(operator.exited?.code, 1)
  assert.match(
    operator.raw.join('\n'),
    /is installed in namespace .{1,3}artifact-store-system.* set POD_NAMESPACE=artifact-store-system/,
  )
  const secret = await controlPlane.request('GET', `/api/v1/namespaces/default/secrets/${SEAL_SECRET}`)
  assert.equal(secret.status, 404)
})
