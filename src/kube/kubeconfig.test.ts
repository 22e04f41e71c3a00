import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { loadKubeConfig } from './kubeconfig.ts'

describe('kubeconfig', () => {
  let directory: string
  const { KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST } = process.env

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
    delete process.env.KUBERNETES_SERVICE_HOST
    delete process.env.KUBECONFIG
    process.env.HOME = directory
  })
  afterEach(async () => {
    await rm(directory, { recursive: true })
    for (const [name, value] of Object.entries({ KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  async function write(name: string, content: string | object): Promise<string> {
    const file = join(directory, name)
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }

  const config = (user: object, cluster: object = {}, name = 'lab'): object => ({
    clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-ns` } }],
    'current-context': name,
  })

  it('says where, who and in which namespace', async () => {
    const kubeconfig = await write('config', config({ token: 't' }, { 'proxy-url': 'http://proxy:3128' }))
    const { server, context, namespace, proxyUrl } = loadKubeConfig({ kubeconfig })
    assert.equal(server.href, 'https://lab.example:6443/')
    assert.equal(context, 'lab')
    assert.equal(namespace, 'lab-ns')
    assert.equal(proxyUrl, 'http://proxy:3128')
  })

  it('finds files beside the kubeconfig', async () => {
    await write('ca.crt', 'CA')
    await write('tls.crt', 'CERT')
    await write('tls.key', 'KEY')
    await write('token', 'from-file\n')
    const cluster = { 'certificate-authority': 'ca.crt', 'tls-server-name': 'kubernetes' }
    const user = { 'client-certificate': 'tls.crt', 'client-key': 'tls.key', tokenFile: 'token', token: 'inline' }
    const { credentials } = loadKubeConfig({ kubeconfig: await write('config', config(user, cluster)) })
    assert.deepEqual(await credentials.get(), {
      headers: { authorization: 'Bearer from-file' },
      tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY'), servername: 'kubernetes' },
    })
  })

  const users: { name: string; user: object; headers: Record<string, string> }[] = [
    { name: 'nothing', user: {}, headers: {} },
    { name: 'a token', user: { token: 't' }, headers: { authorization: 'Bearer t' } },
    { name: 'a password', user: { username: 'u', password: 'p' }, headers: { authorization: 'Basic dTpw' } },
    {
      name: 'impersonation',
      user: { token: 't', as: 'jane' },
      headers: { authorization: 'Bearer t', 'impersonate-user': 'jane' },
    },
  ]
  for (const { name, user, headers } of users) {
    it(`authenticates with ${name}`, async () => {
      const { credentials } = loadKubeConfig({ kubeconfig: await write('config', config(user)) })
      assert.deepEqual((await credentials.get()).headers, headers)
    })
  }

  it('merges the files of $KUBECONFIG, the first one wins', async () => {
    const one = await write('one', config({ token: 'one' }))
    const two = await write('two', config({ token: 'two' }))
    const other = await write('other', config({ token: 'other' }, {}, 'other'))
    process.env.KUBECONFIG = [one, join(directory, 'absent'), two, other].join(delimiter)
    assert.equal(loadKubeConfig().context, 'lab')
    assert.equal((await loadKubeConfig().credentials.get()).headers.authorization, 'Bearer one')
    const access = loadKubeConfig({ context: 'other' })
    assert.equal(access.server.host, 'other.example:6443')
    assert.equal((await access.credentials.get()).headers.authorization, 'Bearer other')
  })

  const refusals: { name: string; content: string | object; context?: string; message: RegExp }[] = [
    {
      name: 'an unknown context',
      content: config({}),
      context: 'prod',
      message: /^kubeconfig: context "prod" or its cluster does not exist: choose one of lab$/,
    },
    {
      name: 'an empty configuration',
      content: '{}',
      message: /^kubeconfig: there is no current context: choose one of \(none\)$/,
    },
    {
      name: 'an address that is none',
      content: config({}, { server: 'lab.example' }),
      message: /^kubeconfig: server "lab\.example" of cluster "lab" is no URL$/,
    },
    {
      name: 'broken YAML',
      content: 'users:\n- token: c2VjcmV0\n  bad: [',
      message: /config: not valid YAML: .* \(line \d+\)$/,
    },
  ]
  for (const { name, content, context, message } of refusals) {
    it(`refuses ${name}`, async () => {
      const kubeconfig = await write('config', content)
      assert.throws(
        () => loadKubeConfig({ kubeconfig, ...(context && { context }) }),
        (error: Error) => {
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /c2VjcmV0/)
          return true
        },
      )
    })
  }

  it('refuses no configuration at all', () => {
    assert.throws(() => loadKubeConfig(), /^Error: no kubeconfig: neither a file of/)
  })

  describe('exec plugin', () => {
    /** Writes a kubeconfig whose exec plugin is this shell script. */
    async function plugin(script: string): Promise<string> {
      const command = await write('plugin', `#!/bin/sh\ncd ${directory}\necho run >> runs\n${script}\n`)
      await chmod(command, 0o755)
      return write('config', config({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command } }))
    }
    const runs = async (): Promise<number> =>
      (await readFile(join(directory, 'runs'), 'utf8')).trim().split('\n').length
    /** Script that prints `token-<n>` at its nth run. */
    const printToken = (expiry: string): string =>
      `printf '{"kind":"ExecCredential","status":{"token":"token-%d","expirationTimestamp":"${expiry}"}}' $(wc -l < runs)`

    it('runs once for requests at the same time, and again after a refusal', async () => {
      const { credentials } = loadKubeConfig({ kubeconfig: await plugin(printToken('2099-01-01T00:00:00Z')) })
      const all = await Promise.all([1, 2, 3].map(() => credentials.get()))
      assert.deepEqual(new Set(all.map(({ headers }) => headers.authorization)), new Set(['Bearer token-1']))
      const [first] = all
      assert.ok(first)
      const refreshed = await Promise.all([1, 2, 3].map(() => credentials.refresh(first)))
      assert.deepEqual(new Set(refreshed.map(({ headers }) => headers.authorization)), new Set(['Bearer token-2']))
      assert.equal(await runs(), 2)
    })

    const failures = [
      { name: 'that fails', script: 'echo "log in first" >&2; exit 1', message: /context "lab": log in first$/ },
      {
        name: 'that fails silently',
        script: 'exit 1',
        message: /context "lab": the exec plugin failed without a message$/,
      },
      {
        name: 'that prints no JSON',
        script: 'echo c2VjcmV0',
        message: /context "lab": the exec plugin printed no ExecCredential$/,
      },
      {
        name: 'that prints something else',
        script: 'echo "{}"',
        message: /the exec plugin printed no ExecCredential$/,
      },
    ]
    for (const { name, script, message } of failures) {
      it(`explains one ${name}`, async () => {
        const { credentials } = loadKubeConfig({ kubeconfig: await plugin(script) })
        await assert.rejects(credentials.get(), (error: Error) => {
          assert.equal(error.name, 'TransportError')
          assert.match(error.message, message)
          assert.doesNotMatch(`${error.stack} ${error.cause}`, /c2VjcmV0/)
          return true
        })
      })
    }
  })
})
