/** What provider.ts promises of probes and grants, tried on each cloud by its contract.test.ts. */
import assert from 'node:assert/strict'
import {
  type Contract,
  failed,
  fakeBucket,
  grantRequest,
  identityOf,
  labTest,
  none,
  open,
  PREFIX,
  type ProviderLab,
  probeRequest,
  succeeded,
  type Way,
} from './lab.contract.ts'
import type { Access, Permission, ProbeRequest } from './provider.ts'

/** `probe` and `grant`. */
export function describeStores(contract: Contract, way: Way): void {
  describeProbe(contract, way)
  describeProbeTraces(contract, way)
  describeGrant(contract, way)
}

const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']
const WRITE_PROBES: ProbeRequest['writeProbe'][] = ['Multipart', 'Object', 'None']

const requiredFor = ({ provider }: ProviderLab, ...accesses: Access[]): string[] =>
  provider.requiredPermissions(accesses.map(access => ({ access, formats: ['Env'] })))

function describeProbe(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'a probe answers for each permission that is required, once', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const required = [...requiredFor(lab, ...ACCESSES), lab.extraPermission]
    const { bucket, permissions } = succeeded(await (await open(lab)).probe(probeRequest(lab, { required }), none))
    const actions = permissions.map(({ action }) => action)
    assert.deepEqual(actions, [...new Set(actions)])
    assert.deepEqual(
      required.filter(action => !actions.includes(action)),
      [],
    )
    assert.deepEqual([bucket.name, bucket.prefix], ['data', PREFIX])
  })

  labTest({ contract, way }, 'what is allowed needs no words, and a denial is a value that says why', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const [one, other] = [await open(lab), await open(lab)]
    const allowed = succeeded(await one.probe(probeRequest(lab), none)).permissions
    lab.service.mood = 'Denies'
    const denied = succeeded(await other.probe(probeRequest(lab), none)).permissions
    for (const permission of [...allowed, ...denied]) assertExplained(permission)
    const results = (permissions: Permission[]) =>
      lab.provider
        .requiredPermissions([])
        .map(required => permissions.find(({ action }) => action === required)?.result)
    assert.deepEqual(new Set(results(allowed)), new Set(['Allowed']))
    assert.ok(results(denied).includes('Denied') && !results(denied).includes('Allowed'))
  })

  labTest({ contract, way }, 'a second probe of an unchanged bucket has the same result', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    for (const mood of ['Well', 'Denies', 'Odd'] as const) {
      lab.service.mood = 'Well'
      const [one, other] = [await open(lab), await open(lab)]
      lab.service.mood = mood
      const first = succeeded(await one.probe(probeRequest(lab), none))
      assert.deepEqual(await one.probe(probeRequest(lab), none), first, mood)
      assert.deepEqual(await other.probe(probeRequest(lab), none), first, `${mood}, in another session`)
    }
  })

  labTest({ contract, way }, 'a bucket that is missing or out of reach is a Failure', async lab => {
    const session = await open(lab)
    assert.equal(failed(await session.probe(probeRequest(lab), none)).intent, 'stalled')
    lab.service.mood = 'Gone'
    assert.equal(failed(await session.probe(probeRequest(lab), none)).intent, 'transient')
  })
}

function assertExplained({ action, result, detail, cure, probe }: Permission): void {
  assert.equal(detail === undefined, result === 'Allowed', `${action}: ${detail}`)
  if (cure !== undefined) assert.notEqual(result, 'Allowed', action)
  if (result !== 'Unknown') assert.ok(probe || cure, `${action} is ${result} by which call?`)
  // The fake service puts these into each of its refusals.
  assert.doesNotMatch(detail ?? '', /RequestId|Time:|\d{2}:\d{2}/)
}

function describeProbeTraces(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'a probe leaves no trace, and takes away what a crash has left', async lab => {
    const mine = { [`${PREFIX}model`]: 10, other: 10 }
    for (const writeProbe of WRITE_PROBES) {
      const bucket = fakeBucket(mine)
      lab.service.buckets.set('data', bucket)
      const session = await open(lab)
      succeeded(await session.probe(probeRequest(lab, { writeProbe }), none))
      assert.deepEqual(Object.fromEntries(bucket.objects), mine, writeProbe)
      assert.deepEqual(Object.fromEntries(bucket.settings), {}, writeProbe)
    }
    const [probed] = lab.service.requests.flatMap(request => /[^/]*artifactstore-probe-[\w-]+/.exec(request) ?? [])
    assert.ok(probed?.includes('store-1'), 'the id of the probe is in the name')
    const bucket = fakeBucket({ ...mine, [PREFIX + probed]: 1 })
    lab.service.buckets.set('data', bucket)
    succeeded(await (await open(lab)).probe(probeRequest(lab), none))
    assert.deepEqual(Object.fromEntries(bucket.objects), mine)
  })

  labTest({ contract, way }, 'a probe without a write probe writes nothing, and says so', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const session = await open(lab)
    lab.service.requests.length = 0
    const { permissions } = succeeded(await session.probe(probeRequest(lab, { writeProbe: 'None' }), none))
    assert.deepEqual(
      lab.service.requests.filter(request => /^(PUT|POST)/.test(request) && !/userdelegationkey/.test(request)),
      [],
    )
    const [writing = ''] = requiredFor(lab, 'WriteOnly')
    const write = permissions.find(({ action }) => action === writing)
    assert.deepEqual([write?.result, write?.probe], ['Unknown', undefined])
  })
}

function describeGrant(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'a grant is of its cloud, for its location, and ends when it was asked to', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const before = Date.now()
    const { issuedAt, expiresAt, material } = succeeded(await (await open(lab)).grant(grantRequest(lab), none))
    assert.equal(material.cloud, lab.provider.name)
    assert.equal(material.cloud === 'aws' ? material.bucket : material.container, 'data')
    assert.equal(material.prefix, PREFIX)
    assert.ok(issuedAt.getTime() >= before && issuedAt.getTime() <= Date.now())
    if (expiresAt) assert.ok(issuedAt <= expiresAt)
    if (hasCautions(lab)) return
    const lifeMs = (expiresAt?.getTime() ?? 0) - issuedAt.getTime()
    assert.ok(lifeMs > 29 * MINUTE && lifeMs < 31 * MINUTE, `${lifeMs} ms`)
  })

  for (const access of ACCESSES) {
    labTest(
      { contract, way },
      `a grant for ${access} allows that below its prefix, or says that it allows more`,
      async lab => {
        lab.service.buckets.set('data', fakeBucket())
        const session = await open(lab)
        for (const prefix of [PREFIX, '']) {
          const location = lab.locationOf('data', prefix)
          const grant = succeeded(await session.grant(grantRequest(lab, { access, location }), none))
          if (hasCautions(lab)) continue
          const { reads, writes, ...rights } = lab.rightsOf(grant)
          assert.deepEqual([reads, writes], [access !== 'WriteOnly', access !== 'ReadOnly'])
          assert.equal(rights.bucket, 'data')
          if (!grant.cautions?.length) assert.equal(rights.prefix, prefix)
        }
      },
    )
  }

  labTest({ contract, way }, 'a permission that a store requires by name is granted to it alone', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const session = await open(lab)
    if (hasCautions(lab)) return
    for (const required of [[], [lab.extraPermission]]) {
      const grant = succeeded(await session.grant(grantRequest(lab, { required }), none))
      assert.equal(lab.rightsOf(grant).extra, required.length > 0)
    }
    const writeOnly = grantRequest(lab, { required: [lab.extraPermission], access: 'WriteOnly' })
    assert.equal(lab.rightsOf(succeeded(await session.grant(writeOnly, none))).extra, false)
  })

  labTest({ contract, way }, 'the identity itself is in a grant only where that was asked for', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const session = await open(lab)
    for (const webIdentity of [undefined, false, true]) {
      const { material } = succeeded(await session.grant(grantRequest(lab, { webIdentity }), none))
      const given = material.cloud === 'aws' ? material.webIdentity : material.workloadIdentity
      assert.equal(given?.token, webIdentity && way.token ? lab.given.token : undefined)
    }
  })
}

const MINUTE = 60_000

/** True if the identity has cautions: its grants may then reach further than asked. */
const hasCautions = (lab: ProviderLab): boolean => identityOf(lab).cautions.length > 0
