/** The lifecycle rules that the operator makes in buckets of the world's MinIO. */
import { GetBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'
import type { ArtifactStore } from '../../src/api/artifact-store.ts'
import { NAMESPACES } from '../../src/kube/resource.ts'
import { ruleIdOf } from '../../src/stores/plan/lifecycle-rule.ts'
import type { World } from './world.ts'

/** The rules of a bucket as `id prefix days`, sorted. */
export async function lifecycleRules(world: World, bucket: string): Promise<string[]> {
  try {
    const { Rules = [] } = await world.minio.admin
      .s3()
      .send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))
    return Rules.map(({ ID, Filter, Expiration }) => `${ID} ${Filter?.Prefix} ${Expiration?.Days}`).sort()
  } catch (error) {
    if ((error as Error).name === 'NoSuchLifecycleConfiguration') return []
    throw error
  }
}

/** What tells the cluster from others. */
export const clusterOf = async (world: World): Promise<string> =>
  (await world.client.get(NAMESPACES, undefined, 'kube-system')).metadata.uid

/** The id of a store's rule. */
export const lifecycleRuleOf = (store: ArtifactStore, cluster: string): string => ruleIdOf(store, { cluster })
