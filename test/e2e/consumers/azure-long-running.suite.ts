/** Suite: a process that never restarts takes up the identity token that replaces its first one. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { pythonWithClients } from '../../cluster/tools.ts'
import { ClientProcess } from '../../support/client-process.ts'
import { clockOff } from '../../support/preload.ts'
import { until } from '../../support/until.ts'
import type { SharedAzureWorld } from '../operator/shared-azure-world.ts'
import { rootsOf, scriptPath } from './programs.ts'
import { mount } from './world.ts'

const NAME = 'rotation'
/** A time in which every token of Entra ends. */
const HOURS = `${2 * 3600}`

const isPython = (agent = ''): boolean => agent.includes('azsdk-python')

export function rotation(world: () => SharedAzureWorld): void {
  test('WebIdentity: azure-identity goes on with the token that replaces its first', async () => {
    const tenant = await world().tenant(NAME)
    const mountPath = join(world().controlPlane.dir, 'mounts', NAME)
    await tenant.connector('azure')
    const entry = { name: 'step', duration: '15m', formats: ['WebIdentity' as const], mountPath }
    await tenant.store('models', { credentials: [entry] })
    await tenant.storeReady('models')
    const { volume, variables } = await mount(tenant, 'models-step', mountPath)
    await using client = new ClientProcess({
      command: await pythonWithClients(),
      args: [scriptPath('azure_long_running.py')],
      env: { ...variables, ...rootsOf(mountPath) },
    })
    const tokens = [variables['token']]
    /** The tokens that the client has shown to Entra, by their index. */
    const shown = () =>
      world()
        .azure.entra.requests.filter(
          ({ form, headers }) => form.get('client_id') === tenant.app.clientId && isPython(headers['user-agent']),
        )
        .map(({ form }) => tokens.indexOf(form.get('client_assertion') ?? ''))

    assert.equal(await client.ask('0'), '0')
    assert.deepEqual(shown(), [0])
    // Credentials are replaced after half of their 15 minutes.
    await world().restartOperator(clockOff(9 * 60_000))
    const values = await until('the Secret has another token', async () => {
      const values = await tenant.values('models-step')
      return values['token'] !== tokens[0] && values
    })
    volume.update(values)
    tokens.push(values['token'])
    assert.equal(await client.ask(HOURS), HOURS)
    assert.deepEqual(shown(), [0, 1])
  })
}
