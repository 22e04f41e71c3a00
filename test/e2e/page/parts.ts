/** What the suites of the page share. */
import type { Browser, Look, OpenPage } from '../../support/browser.ts'
import type { CommandLine } from '../../support/command-line.ts'
import type { Tenant, World } from '../../support/world.ts'

export interface Parts {
  world(): World
  cli(): CommandLine
  browser(): Browser
  /** Opens the view of that path: `/map`. */
  open(path: string, look?: Look): Promise<OpenPage>
}

/** Nobody reads a name for people as markup. */
export const DISPLAY_NAME = '<b>Weights</b> & "models"'

/** A namespace with a store that is well, one without a bucket, and one whose connector's Secret lacks the label. */
export async function furnished(world: World, name: string): Promise<Tenant> {
  const tenant = await world.tenant(name)
  await tenant.connector('minio')
  await tenant.store('models', {
    ...{ displayName: DISPLAY_NAME, usage: { source: 'List' } },
    credentials: [
      { name: 'step', formats: ['AwsProfile'] },
      { name: 'pod', formats: ['Env'], access: 'ReadOnly' },
    ],
  })
  await tenant.store('gone', { path: `s3://${name}-absent` })
  await tenant.storeReady('models')
  await tenant.storeCondition('models', 'UsageMeasured', 'True')
  await tenant.storeCondition('gone', 'BucketReachable', 'False')
  return tenant
}
