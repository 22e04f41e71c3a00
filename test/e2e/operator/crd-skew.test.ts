/** Installed CRDs that are older or newer than the operator, on a real API server, with the rights of deploy/. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { Installation } from '../../support/installation.ts'
import { OperatorProcess } from '../../support/operator-process.ts'
import { project } from '../../support/project.ts'
import { until } from '../../support/until.ts'

const STORES = 'artifactstores.artifactstore.dev'
const OUTDATED = 'artifactstore_crd_outdated'

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

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const schema = '/spec/versions/0/schema/openAPIV3Schema/properties'

const isOfBoth = (openapi: string) => ['ServiceConnector"', 'ArtifactStore"'].every(kind => openapi.includes(kind))

/** Changes the CRD of stores, and waits until the API server publishes it: `published` takes a text of OpenAPI. */
async function change(patch: object[], published: (openapi: string) => boolean): Promise<void> {
  await kubectl(controlPlane, ['patch', 'crd', STORES, '--type=json', '--patch', JSON.stringify(patch)])
  await until('the CRD is published', async () => {
    const { status, text } = await controlPlane.request('GET', '/openapi/v3/apis/artifactstore.dev/v1alpha1')
    return status === 200 && isOfBoth(text) && published(text)
  })
}

const spawn = async () => OperatorProcess.spawn(await installation.operatorKubeconfig(), ['--leader-elect=false'])

/** Waits until the operator has compared the CRDs, and serves what /readyz says then. */
async function compared(operator: OperatorProcess): Promise<string> {
  await operator.until('started', () => operator.logs.some(({ msg }) => msg === 'started'))
  await operator.until('compared', async () => (await operator.metrics()).includes(`${OUTDATED}{`))
  return operator.get('/readyz')
}

/** Runs the command that stands in quotes after `run`. */
async function runCure(text: string): Promise<void> {
  const [, command = ''] = /run "kubectl ([^"]+)"/.exec(text) ?? []
  await kubectl(controlPlane, command.replace(/ crds\//, ` ${project('crds')}/`).split(' '))
}

test('an operator whose CRDs are older is ready, says what they lack, and sees that its own cure has worked', async t => {
  const lacking = [
    { op: 'remove', path: `${schema}/spec/properties/verification` },
    { op: 'remove', path: `${schema}/status/properties/usage` },
  ]
  await change(lacking, openapi => !openapi.includes('writeProbe'))
  const operator = await spawn()
  t.after(() => operator.kill())
  const note =
    /^ok\nCRD artifactstores\.artifactstore\.dev is older .* lacks spec\.verification, .* and \d+ more, .*\n$/
  await operator.until('ready with a note', async () => note.test(await compared(operator)))
  const text = await operator.get('/readyz')
  assert.equal(await operator.metric(OUTDATED, { crd: STORES }), 1)
  assert.equal(await operator.metric(OUTDATED), 1)
  await runCure(text)
  await operator.until('without a note', async () => (await operator.get('/readyz')) === 'ok\n')
  assert.equal(await operator.metric(OUTDATED), 0)
  const warnings = operator.logs.filter(({ msg }) => msg.startsWith('CRD '))
  assert.deepEqual(
    warnings.map(({ level, msg }) => [level, msg]),
    [['warn', text.split('\n')[1]]],
  )
})

test('an operator of before is content with CRDs that have more', async t => {
  const more = [{ op: 'add', path: `${schema}/spec/properties/ofTomorrow`, value: { type: 'string' } }]
  await change(more, openapi => openapi.includes('ofTomorrow'))
  const operator = await spawn()
  t.after(() => operator.kill())
  await operator.until('ready', async () => (await compared(operator)) === 'ok\n')
  assert.equal(await operator.metric(OUTDATED), 0)
})

/** Whether the API server lets the operator read the schemas. */
async function mayRead(): Promise<boolean> {
  const nonResourceAttributes = { verb: 'get', path: '/openapi/v3' }
  const [user, groups] = [
    'system:serviceaccount:artifact-store-system:artifact-store-operator',
    ['system:authenticated'],
  ]
  const { json } = await controlPlane.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user, groups, nonResourceAttributes },
  })
  return json.status.allowed
}

test('an operator that may not read the schemas says so once, and works', async t => {
  const binding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:discovery'
  const { json: before } = await controlPlane.request('GET', binding)
  await controlPlane.request('DELETE', binding)
  await until('the API server refuses', async () => !(await mayRead()))
  t.after(async () => {
    const { metadata, roleRef, subjects } = before as {
      metadata: { name: string }
      roleRef: object
      subjects: object[]
    }
    const again = { metadata: { name: metadata.name }, roleRef, subjects }
    await controlPlane.request('POST', binding.replace('/system:discovery', ''), again)
    // Who is refused asks again only after a minute.
    await until('the API server allows it again', mayRead)
  })
  const operator = await installation.startOperator()
  t.after(() => operator.kill())
  const unknown = () => operator.logs.filter(({ msg }) => msg.startsWith('it is unknown whether the installed CRDs'))
  await operator.until('told', () => unknown().length > 0)
  assert.deepEqual(
    unknown().map(({ level }) => level),
    ['info'],
  )
  assert.equal(await operator.get('/readyz'), 'ok\n')
  assert.doesNotMatch(await operator.metrics(), new RegExp(`^${OUTDATED}\\{`, 'm'))
  assert.equal(await operator.metric('artifactstore_kube_requests_total', { code: '403' }), 1)
})

test('an operator without CRDs waits, says how to install them, and goes on once they are there', async t => {
  for (const crd of [STORES, 'serviceconnectors.artifactstore.dev'])
    await controlPlane.request('DELETE', `${crds}/${crd}`)
  await until('they are gone', async () => {
    const { text } = await controlPlane.request('GET', '/openapi/v3')
    const { status } = await controlPlane.request('GET', '/apis/artifactstore.dev/v1alpha1')
    return !text.includes('artifactstore.dev') && status === 404
  })
  const operator = await spawn()
  t.after(() => operator.kill())
  const text = await compared(operator)
  assert.match(text, /^waiting for .*\nCRD .* is not installed: run .*\nCRD .* is not installed: run /)
  for (const line of text.trim().split('\n').slice(1)) await runCure(line)
  await operator.until('ready', async () => (await operator.get('/readyz')) === 'ok\n', 60_000)
})
