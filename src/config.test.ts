import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from './config.ts'
import { ConfigError } from './flag-lists.ts'

test('without flags there are defaults', () => {
  assert.deepEqual(
    { ...parseConfig([], { POD_NAMESPACE: 'system' }, 'host') },
    {
      kubeconfig: undefined,
      namespace: 'system',
      ownNamespace: 'system',
      instance: 'host',
      concurrency: 16,
      listen: ':8080',
      objectMetrics: true,
      profileDirectory: undefined,
      leaderElect: true,
      logLevel: 'info',
      allowedAudiences: ['sts.amazonaws.com', 'api://AzureADTokenExchange'],
      implicitAuthNamespaces: [],
      implicitAuthEndpoints: [],
      implicitAuthClientIds: [{ id: 'default' }],
      watchNamespaces: [],
      recipientLabels: { 'artifactstore.dev/recipient': 'true' },
      maxTargets: 500,
      allowedEndpoints: [],
      refusedAddresses: [],
      proxyEnv: {},
    },
  )
})

const parse = (args: string[], env = {}) => parseConfig(args, env, 'host')

test('--namespace moves the Lease, and not the namespace that the operator counts as its own', () => {
  const { namespace, ownNamespace } = parse(['--namespace=leases'], { POD_NAMESPACE: 'system' })
  assert.deepEqual([namespace, ownNamespace], ['leases', 'system'])
  assert.equal(parse(['--namespace=leases']).ownNamespace, undefined)
})

test('the operator’s own identity is for the namespaces that are named', () => {
  const allow = (names: string) => parse(['--allow-implicit-auth=true', `--implicit-auth-namespaces=${names}`])
  assert.deepEqual(allow('ml, data-2').implicitAuthNamespaces, ['ml', 'data-2'])
  assert.deepEqual(allow('*').implicitAuthNamespaces, ['*'])
})

test('the operator’s own identity is for the endpoints and clients that are named', () => {
  const { implicitAuthEndpoints } = parse(['--implicit-auth-endpoints=MinIO.minio.svc,.example.com'])
  assert.deepEqual(implicitAuthEndpoints, ['minio.minio.svc', '.example.com'])
  const id = '00000000-0000-0000-0000-00000000000A'
  const resource = '/subscriptions/s/resourceGroups/g(1)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n'
  assert.deepEqual(parse([`--implicit-auth-client-ids=${id}, ml=${resource},platform=default`]).implicitAuthClientIds, [
    { id: id.toLowerCase() },
    { namespace: 'ml', id: resource.toLowerCase() },
    { namespace: 'platform', id: 'default' },
  ])
})

test('--recipient-labels are read as labels of namespaces that get Secrets', () => {
  const { recipientLabels } = parse(['--recipient-labels=artifactstore.dev/recipient=true, stage=prod,any='])
  assert.deepEqual(recipientLabels, { 'artifactstore.dev/recipient': 'true', stage: 'prod', any: '' })
})

test('without labels in --recipient-labels, every namespace gets the Secrets that stores send there', () => {
  assert.deepEqual(parse(['--recipient-labels=']).recipientLabels, {})
})

test('--watch-namespaces limits the operator to namespaces, whose labels it can not ask for consent', () => {
  const { watchNamespaces, recipientLabels } = parse(['--watch-namespaces=ml, data-2,ml'], {
    WATCH_NAMESPACES: 'other',
  })
  assert.deepEqual([watchNamespaces, recipientLabels], [['ml', 'data-2'], {}])
  assert.deepEqual(parse(['--watch-namespaces=ml', '--recipient-labels=']).recipientLabels, {})
})

test('$WATCH_NAMESPACES stands for --watch-namespaces', () => {
  assert.deepEqual(parse([], { WATCH_NAMESPACES: 'ml' }).watchNamespaces, ['ml'])
})

for (const [text, message] of [
  ['', /^\$WATCH_NAMESPACES: is empty: name namespaces, or remove it to watch all of them$/],
  ['ML', /^\$WATCH_NAMESPACES: "ML" is no name of a namespace/],
] as const) {
  test(`"${text}" in $WATCH_NAMESPACES is refused by the name of the variable`, () => {
    assert.throws(() => parse([], { WATCH_NAMESPACES: text }), { name: 'ConfigError', message })
  })
}

test('--max-targets bounds the Secrets of a store', () => {
  assert.equal(parse(['--max-targets=10000']).maxTargets, 10_000)
})

test('--allow-endpoints are read as hosts and suffixes', () => {
  const { allowedEndpoints } = parse(['--allow-endpoints=MinIO.minio.svc, .example.com,10.0.0.1,fd00::1'])
  assert.deepEqual(allowedEndpoints, ['minio.minio.svc', '.example.com', '10.0.0.1', 'fd00::1'])
})

test('--refuse-endpoints are read as ranges of addresses', () => {
  const { refusedAddresses } = parse(['--refuse-endpoints=203.0.113.0/24,private'])
  assert.deepEqual(refusedAddresses[0], {
    network: '203.0.113.0',
    prefix: 24,
    what: 'an address in 203.0.113.0/24 (refused by --refuse-endpoints)',
  })
  assert.equal(refusedAddresses.length, 11)
})

test('proxies are taken from the environment, and nothing else', () => {
  const proxyEnv = { HTTPS_PROXY: 'http://user:p%40ss@proxy:3128', no_proxy: '.svc,10.0.0.1' }
  assert.deepEqual(parse([], { ...proxyEnv, http_proxy: '', PATH: '/bin' }).proxyEnv, proxyEnv)
})

for (const value of ['proxy:3128', 'socks5://proxy:1080', 'http://', 'http://p%zz@proxy', 'http://a\nb']) {
  test(`HTTPS_PROXY "${value}" is refused without being shown`, () => {
    assert.throws(() => parse([], { HTTPS_PROXY: value }), {
      name: 'ConfigError',
      message: 'HTTPS_PROXY: is no URL of a web proxy: write it as http://host:port',
    })
  })
}

const bad: [args: string[], message: RegExp][] = [
  [['--concurrency=0'], /^--concurrency: "0" is no whole number from 1 to 256/],
  [['--concurrency=many'], /^--concurrency/],
  [['--leader-elect=maybe'], /^--leader-elect: "maybe" is not known: use true, false/],
  [['--watch-namespaces='], /^--watch-namespaces: is empty: name namespaces, or remove it/],
  [
    ['--watch-namespaces=ml,*'],
    /^--watch-namespaces: "\*" is no name of a namespace: write names; without the flag, all/,
  ],
  [
    [`--watch-namespaces=${Array.from({ length: 101 }, (_, index) => `ml-${index}`)}`],
    /^--watch-namespaces: has 101 namespaces, and 100 at most are watched one by one: install/,
  ],
  [['--watch-namespaces=ml', '--recipient-labels=a=b'], /^--recipient-labels: .* remove one of the two flags/],
  [['--log-level=loud'], /^--log-level: "loud" is not known: use debug, info, warn, error/],
  [['--listen=8080'], /^--listen: /],
  [['--allowed-audiences=a,,b'], /^--allowed-audiences: has an empty entry/],
  [['--allowed-audiences=https://kubernetes.default.svc.cluster.local'], /is an audience of the API server: remove it/],
  [['--allowed-audiences=kubernetes'], /is an audience of the API server/],
  [['--allow-implicit-auth=yes'], /^--allow-implicit-auth: "yes" is not known: use true, false/],
  [['--allow-implicit-auth=true'], /^--allow-implicit-auth: .*: say which with --implicit-auth-namespaces=/],
  [['--implicit-auth-namespaces=ml'], /^--implicit-auth-namespaces: .*: add --allow-implicit-auth=true/],
  [['--allow-implicit-auth=false', '--implicit-auth-namespaces=*'], /^--implicit-auth-namespaces: .*: add --allow/],
  [['--allow-implicit-auth=true', '--implicit-auth-namespaces='], /^--implicit-auth-namespaces: has an empty entry/],
  [['--allow-implicit-auth=true', '--implicit-auth-namespaces=ml-*'], /"ml-\*" is no name of a namespace/],
  [['--implicit-auth-endpoints=https://minio'], /^--implicit-auth-endpoints: "https:\/\/minio" is no host/],
  [['--implicit-auth-client-ids='], /^--implicit-auth-client-ids: has an empty entry/],
  [
    ['--implicit-auth-client-ids=*'],
    /"\*" is no client: write a client id, a resource id or "default", or NAMESPACE=ID/,
  ],
  [['--implicit-auth-client-ids=Ml=a'], /"Ml=a" is no client/],
  [['--implicit-auth-client-ids=ml='], /"ml=" is no client/],
  [['--recipient-labels=team'], /^--recipient-labels: "team" is no label: write KEY=VALUE/],
  [['--max-targets=0'], /^--max-targets: "0" is no whole number from 1 to 10000: give one/],
  [['--max-targets=10001'], /^--max-targets: /],
  [['--recipient-labels=a=b,'], /^--recipient-labels: has an empty entry/],
  [['--allow-endpoints=https://minio'], /^--allow-endpoints: "https:\/\/minio" is no host: write minio\.minio\.svc/],
  [['--allow-endpoints=minio:9000'], /^--allow-endpoints: "minio:9000" is no host/],
  [['--refuse-endpoints=minio'], /^--refuse-endpoints: "minio" is no address and no CIDR/],
  [['--refuse-endpoints=private,'], /^--refuse-endpoints: has an empty entry/],
  [['--unknown'], /unknown/i],
]
for (const [args, message] of bad) {
  test(`the flags ${args.join(' ')} are refused`, () => {
    assert.throws(
      () => parseConfig(args, {}, 'host'),
      (error: unknown) => error instanceof ConfigError && message.test(error.message),
    )
  })
}
