/** Looks for what keeps people out of a page: WCAG 2.2 at level AA, and what axe calls best practice. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** A line for each fault, with the first elements that have it. */
export async function barriersIn(page: Page): Promise<string[]> {
  // Not by an element: the page's policy lets no script of others in.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(
    tags => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: tags }),
    TAGS,
  )
  return violations.map(({ id, nodes }) => {
    const elements = nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`)
    return `${id}, ${nodes.length} times:\n${elements.join('\n')}`
  })
}
