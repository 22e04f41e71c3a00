/** The page follows the cluster. How long that takes is printed, and not judged: it depends on the machine. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import type { Tenant } from '../../support/world.ts'
import type { Parts } from './parts.ts'

const NAME = 'live'
const CHANGES = 6

export function testLive({ world, open }: Parts): void {
  describe('the page follows', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('models')
      await tenant.storeReady('models')
    })

    const setDefault = (value: boolean) =>
      world().client.jsonPatch(ARTIFACT_STORES, { namespace: NAME, name: 'models' }, [
        { op: 'add', path: '/spec/default', value },
      ])

    test('each change of a store on its page', async () => {
      await using opened = await open(`/store/${NAME}/models`)
      const tag = opened.page.getByRole('heading', { level: 1 }).getByText('default', { exact: true })
      await opened.page.getByRole('heading', { level: 1 }).waitFor()
      const times: number[] = []
      for (let change = 0; change < CHANGES; change++) {
        const isDefault = change % 2 === 0
        await setDefault(isDefault)
        const written = performance.now()
        await tag.waitFor({ state: isDefault ? 'visible' : 'detached' })
        times.push(Math.round(performance.now() - written))
      }
      console.log(`the page follows a change after ${times.join(', ')} ms`)
      assert.deepEqual(opened.faults(), [])
    })

    test('stores in the map that come, get ready and go, and says so to screen readers', async () => {
      await using opened = await open('/map')
      const { page } = opened
      await page.getByRole('tree').waitFor()
      await tenant.store('new')
      await page.getByRole('treeitem', { name: `store ${NAME}/new, Ready` }).waitFor()
      await page
        .locator('[aria-live]')
        .getByText(new RegExp(`store ${NAME}/new is (new, )?ready`))
        .waitFor()
      await page.getByRole('treeitem', { name: 'Secret new-step for step' }).waitFor()
      await world().client.delete(ARTIFACT_STORES, NAME, 'new')
      await page.getByRole('treeitem', { name: `store ${NAME}/new` }).waitFor({ state: 'detached' })
    })

    test('the end of the store that one looks at', async () => {
      await tenant.store('short')
      await tenant.storeReady('short')
      await using opened = await open(`/store/${NAME}/short`)
      await opened.page.getByRole('list', { name: 'Steps' }).waitFor()
      await world().client.delete(ARTIFACT_STORES, NAME, 'short')
      await opened.page.getByText('There is no such store now').waitFor()
    })
  })
}
