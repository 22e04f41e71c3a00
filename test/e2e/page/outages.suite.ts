/** While the API server is away, the page says so; it is live again soon after. Ends the API server: the last of the suites. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import type { Tenant } from '../../support/world.ts'
import type { Parts } from './parts.ts'

const NAME = 'outages'

export function testOutages({ world, open }: Parts): void {
  describe('while the API server is away', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('models')
      await tenant.storeReady('models')
    })

    test('the page says since when it is not live, and soon after it shows what is new', async () => {
      await using opened = await open(`/store/${NAME}/models`)
      const { page } = opened
      const title = page.getByRole('heading', { level: 1 })
      await page.getByRole('list', { name: 'Steps' }).waitFor()
      const banner = page.getByRole('region', { name: 'What is missing' })
      const { controlPlane } = world()
      await controlPlane.stopApiserver()
      await page.locator('.fresh').getByText('Not live').waitFor()
      await banner.getByText(/are not live since \d\d:\d\d:\d\d UTC/).waitFor()
      // What was known is still there to be read.
      await title.getByText('models', { exact: true }).waitFor()
      await controlPlane.startApiserver()
      const back = performance.now()
      await world().client.jsonPatch(ARTIFACT_STORES, { namespace: NAME, name: 'models' }, [
        { op: 'add', path: '/spec/default', value: true },
      ])
      const written = performance.now()
      await title.getByText('default', { exact: true }).waitFor()
      await page.locator('.fresh').getByText('Live', { exact: true }).waitFor()
      const [since, after] = [performance.now() - back, performance.now() - written].map(Math.round)
      console.log(`the page is live ${since} ms after the API server is ready again, ${after} ms after it took a write`)
      await banner.waitFor({ state: 'detached' })
      // Calls that failed meanwhile are errors of the browser, too.
      assert.deepEqual(
        opened.faults().filter(fault => !/status of 502/.test(fault)),
        [],
      )
    })
  })
}
