/** Builds all programs that the tests run, so that the first test needn't wait: `node test/cluster/setup.ts`. */
import { progress } from './cache.ts'
import { chromium, whyNoChromium } from './chromium.ts'
import { hadoopClasses, whyNoHadoop } from './hadoop.ts'
import { helmBinary } from './helm.ts'
import { monitoringCrds } from './monitoring-crds.ts'
import { seaweedBinary, versityBinary } from './service-tools.ts'
import { shells, whyNoShells } from './shells.ts'
import {
  azuriteBinary,
  controlPlaneBinaries,
  hclBinary,
  mcBinary,
  minioBinary,
  pythonWithAdlfs,
  pythonWithAzureCli,
  pythonWithBoto3,
  pythonWithClients,
  pythonWithMoto,
  rcloneBinary,
  remoteCacheMain,
} from './tools.ts'

try {
  if (process.env['USE_EXISTING_CLUSTER'] !== 'true') await controlPlaneBinaries()
  // One after another, because each Go build uses all cores.
  await minioBinary()
  await mcBinary()
  await versityBinary()
  await seaweedBinary()
  await azuriteBinary()
  await pythonWithBoto3()
  await pythonWithMoto()
  await pythonWithAdlfs()
  await pythonWithClients()
  await pythonWithAzureCli()
  await remoteCacheMain()
  await rcloneBinary()
  await hclBinary()
  await helmBinary()
  await monitoringCrds()
  const noChromium = await whyNoChromium()
  if (noChromium) progress(noChromium)
  else await chromium()
  const noShells = await whyNoShells()
  if (noShells) progress(noShells)
  else await shells()
  const noHadoop = whyNoHadoop()
  if (noHadoop) progress(noHadoop)
  else await hadoopClasses()
} catch (error) {
  progress(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
