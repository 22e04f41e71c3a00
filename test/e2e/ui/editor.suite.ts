/** What a person sees and does who may edit a namespace and list its Secrets. Ends the page. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ARTIFACT_STORES, SECRETS } from '../../../src/kube/resource.ts'
import type { ConnectorDetail, Outcome, StoreDetail } from '../../../src/ui/contract.ts'
import { isWatch } from '../../cluster/api-proxy.ts'
import { compact } from '../../cluster/etcd.ts'
import type { SecretObject } from '../../support/namespace.ts'
import { until } from '../../support/until.ts'
import { NAME, type Stage, storeOf } from './parts.ts'

export function testEditor(stage: () => Stage): void {
  describe('a person who may edit a namespace', () => {
    test('sees its stores with their connector, and nothing of other namespaces', () => {
      const { stores, connectors } = stage().mirror
      assert.deepEqual(
        [...stores.values()].filter(({ namespace }) => namespace !== NAME),
        [],
      )
      assert.deepEqual([stores.has(`${NAME}/models`), connectors.has(`${NAME}/minio`)], [true, true])
      const { state, displayName, uri, cloud, connector } = storeOf(stage().mirror, 'models') ?? {}
      assert.deepEqual(
        [state, displayName, uri, cloud, connector],
        [...['Ready', 'Models', `s3://${NAME}/models`, 'aws', `${NAME}/minio`]],
      )
    })

    test('sees when the credentials of a Secret were issued, will be replaced, and end', async () => {
      const [secret] = await until('the metadata of the Secret is there', () => {
        const secrets = storeOf(stage().mirror, 'models')?.secrets
        return secrets?.[0]?.refreshAt ? secrets : undefined
      })
      assert.deepEqual([secret?.name, secret?.role, secret?.formats], ['models-step', 'step', ['AwsProfile']])
      const [issued, refresh, end] = [secret?.issuedAt, secret?.refreshAt, secret?.expiresAt].map(time =>
        Date.parse(time ?? ''),
      )
      assert.ok(Number(issued) < Number(refresh) && Number(refresh) < Number(end), JSON.stringify(secret))
      assert.deepEqual(
        stage().mirror.links.filter(({ state }) => state !== 'Live'),
        [],
      )
    })

    test('sees a new store, each of its states, and its end', async () => {
      await stage().tenant.store('short')
      await until('it is Ready', () => storeOf(stage().mirror, 'short')?.state === 'Ready')
      const states = stage().mirror.changes.flatMap(change =>
        change.kind === 'update' ? (change.stores ?? []).filter(({ name }) => name === 'short') : [],
      )
      assert.ok(states.length >= 1)
      await stage().world.client.delete(ARTIFACT_STORES, NAME, 'short')
      await until('it is gone', () => !stage().mirror.stores.has(`${NAME}/short`))
    })

    test('sees all of a store: its steps, permissions, events, YAML and snippets', async () => {
      const detail = await stage().editor.call<StoreDetail>(`/api/stores/${NAME}/models`)
      assert.deepEqual(
        detail.steps.map(({ name, state }) => `${name} ${state}`),
        ['connector Done', 'bucket Done', 'access Done', 'credentials Done'],
      )
      assert.ok(detail.permissions.some(({ action, result }) => action === 's3:GetObject' && result === 'Allowed'))
      assert.equal(detail.connector?.name, 'minio')
      assert.match(detail.yaml, /^ {2}path: s3:\/\/ui-team\/models$/m)
      assert.doesNotMatch(detail.yaml, /managedFields/)
      assert.match(detail.snippets[0]?.text ?? '', /secretName: models-step/)
      assert.deepEqual(detail.notes, [])
      assert.equal(detail.commands.refresh, `kubectl artifactstore refresh store/models -n ${NAME}`)
      const recorded = await stage().tenant.events('models')
      assert.equal(detail.events?.length, recorded.length)
      assert.deepEqual(
        new Set(detail.events?.map(({ reason }) => reason)),
        new Set(recorded.map(({ reason }) => reason)),
      )
    })

    test('sees all of a connector: its steps, identity, end, events and YAML', async () => {
      const detail = await stage().editor.call<ConnectorDetail>(`/api/connectors/${NAME}/minio`)
      assert.deepEqual(
        detail.steps.map(({ name }) => name),
        ['authentication', 'privileges'],
      )
      assert.equal(detail.steps[0]?.state, 'Done')
      const { status } = await stage().tenant.getConnector('minio')
      assert.deepEqual([detail.identity, detail.connector.principal], [status?.identity ?? {}, status?.principal])
      assert.ok(detail.connector.expiresAt)
      assert.match(detail.yaml, /^kind: ServiceConnector$/m)
      assert.equal(detail.commands.verify, `kubectl artifactstore verify connector/minio -n ${NAME}`)
      const recorded = await stage().tenant.events('minio')
      assert.equal(detail.events?.length, recorded.length)
      const { status: absent } = await stage().editor.call(`/api/connectors/${NAME}/absent`)
      assert.equal(absent, 404)
    })

    test('has a store verified, and new credentials issued, and gets the result', async () => {
      const object = { kind: 'store', namespace: NAME, name: 'models' }
      const [verified] = await stage().editor.call<Outcome[]>('/api/actions/verify', object)
      assert.deepEqual([verified?.result, verified?.health?.ready], ['Done', 'True'])
      const { metadata, status } = await stage().tenant.getStore('models')
      assert.equal(status?.lastHandledRequest, metadata.annotations?.['artifactstore.dev/requested-at'])

      const old = await stage().tenant.credentials('models-step')
      const results = await stage().editor.call<Outcome[]>('/api/actions/refresh', object)
      assert.deepEqual(
        results.map(({ kind, name, result }) => [kind, name, result]),
        [
          ['connector', 'minio', 'Done'],
          ['store', 'models', 'Done'],
        ],
      )
      const fresh = await stage().tenant.credentials('models-step')
      assert.notEqual(fresh.accessKeyId, old.accessKeyId)
      await until('the page has the new end', () => {
        const end = storeOf(stage().mirror, 'models')?.secrets[0]?.expiresAt
        return end !== undefined && Math.abs(Date.parse(end) - fresh.expiration.getTime()) < 2000
      })
    })

    test('is told of an object that is not there', async () => {
      const { status, code } = await stage().editor.call('/api/actions/verify', {
        kind: 'store',
        namespace: NAME,
        name: 'absent',
      })
      assert.deepEqual([status, code], [404, 'NotFound'])
    })

    test('goes on when watches break', async () => {
      stage().proxy.breakWatches()
      await stage().tenant.store('after-break')
      await until('the new store is there', () => storeOf(stage().mirror, 'after-break'))
      await until('all is live', () => stage().mirror.links.every(({ state }) => state === 'Live'))
    })

    test('sees what came and went while its watches were refused, and what was watched is forgotten', async () => {
      const { proxy, tenant, world, mirror } = stage()
      await tenant.store('goes')
      await until('the page has it', () => storeOf(mirror, 'goes'))
      proxy.refuses = isWatch
      proxy.breakWatches()
      await until('a watch was refused', () => proxy.count.refused > 0)
      await world.client.delete(ARTIFACT_STORES, NAME, 'goes')
      await tenant.store('comes')
      await world.controlPlane.stopApiserver()
      await compact(world.controlPlane.etcdUrl)
      await world.controlPlane.startApiserver()
      proxy.refuses = () => false
      const isNew = () => storeOf(mirror, 'comes') && !storeOf(mirror, 'goes')
      await until('the new store is there, and the old one is gone', isNew)
      await until('all is live', () => mirror.links.every(({ state }) => state === 'Live'))
    })

    test('is told while the API server does not answer, and when it does again', async () => {
      stage().proxy.breaks = () => true
      stage().proxy.breakWatches()
      await until('the page says so', () => stage().mirror.links.some(({ state }) => state === 'Broken'))
      const broken = await stage().editor.call(`/api/actions/verify`, {
        kind: 'store',
        namespace: NAME,
        name: 'models',
      })
      assert.deepEqual([broken.status, broken.code], [502, 'Broken'])
      stage().proxy.breaks = () => false
      await until('all is live', () => stage().mirror.links.every(({ state }) => state === 'Live'))
    })

    test('is told that watches are dead which are only silent, and sees what is new once there is an answer', async () => {
      const { proxy, tenant, mirror } = stage()
      proxy.silenceWatches()
      proxy.breaks = ({ url }) => url === '/version'
      const broken = await until('the page says so', () => mirror.links.find(({ state }) => state === 'Broken'))
      assert.ok(Math.abs(Date.parse(broken.since ?? '') - Date.now()) < 60_000, broken.since)
      proxy.breaks = () => false
      await tenant.store('after-silence')
      await until('the new store is there', () => storeOf(mirror, 'after-silence'))
      await until('all is live', () => mirror.links.every(({ state }) => state === 'Live'))
    })

    test('asks for nothing of a Secret but its metadata, and no value of any is in an answer', async () => {
      assert.ok(stage().asked.some(({ url }) => /[?&]watch=1/.test(url)))
      assert.deepEqual(
        stage().asked.filter(({ accept }) => !/as=PartialObjectMetadata(List)?;/.test(accept)),
        [],
      )
      const { items } = await stage().world.client.list<SecretObject>(SECRETS, NAME)
      const values = items.flatMap(({ data = {} }) => Object.values(data)).filter(value => value.length > 8)
      assert.ok(values.length >= 3)
      const said = stage().editor.said.join('\n')
      for (const value of values) {
        const plain = Buffer.from(value, 'base64').toString()
        assert.ok(!said.includes(value) && !said.includes(plain), 'a value of a Secret was sent')
      }
      const { accessKeyId, secretAccessKey, sessionToken } = await stage().tenant.credentials('models-step')
      for (const part of [accessKeyId, secretAccessKey, sessionToken]) assert.ok(!said.includes(part))
    })

    test('ends it with Ctrl-C: exit code 0', async () => assert.equal(await stage().editor.stop(), 0))
  })
}
