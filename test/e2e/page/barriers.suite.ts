/** Nobody is kept out: axe finds nothing in any view, in dark and in light, on wide and on narrow screens. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { barriersIn } from '../../support/axe.ts'
import type { OpenPage } from '../../support/browser.ts'
import { furnished, type Parts } from './parts.ts'

const NAME = 'barriers'

const VIEWS = [
  ['the map', '/map', 'Map of connectors'],
  ['the page of a store', `/store/${NAME}/models`, 'models'],
  ['the page of a store that fails', `/store/${NAME}/gone`, 'gone'],
  ['the page of a connector', `/connector/${NAME}/minio`, 'minio'],
  ['the page of a connector that is not there', `/connector/${NAME}/absent`, 'absent'],
  ['the timeline', '/timeline', 'Timeline'],
  ['the findings', '/trouble', 'Trouble'],
] as const

export function testBarriers({ world, open }: Parts): void {
  describe('axe finds no barrier', () => {
    before(() => furnished(world(), NAME))

    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        describe(`on a ${scheme} screen of ${width} pixels`, () => {
          let opened: OpenPage
          before(async () => {
            opened = await open('/map', { scheme, width })
          })
          after(() => opened?.[Symbol.asyncDispose]())

          for (const [view, path, heading] of VIEWS) {
            test(`in ${view}`, async () => {
              const { page } = opened
              await page.goto(new URL(`#${path}`, page.url()).href)
              await page.getByRole('heading', { level: 1, name: heading }).waitFor()
              if (view === 'the map') await page.getByRole('treeitem').first().waitFor()
              if (view === 'the findings') await page.getByRole('heading', { level: 3 }).first().waitFor()
              if (/^\/(store|connector)\//.test(path) && !path.endsWith('absent'))
                await page.getByRole('button', { name: 'Show', exact: true }).click()
              assert.deepEqual(await barriersIn(page), [])
            })
          }

          test('in a dialog', async () => {
            const { page } = opened
            await page.goto(new URL(`#/store/${NAME}/models`, page.url()).href)
            await page.getByRole('button', { name: 'Verify' }).click()
            await page.getByRole('button', { name: 'Run it' }).waitFor()
            assert.deepEqual(await barriersIn(page), [])
            await page.keyboard.press('Escape')
          })
        })
      }
    }
  })
}
