/** Client of CloudWatch of a session. */
import type { Transports } from '../../network/transports.ts'
import type { AccessKey } from '../identity/auth.ts'
import type { S3Identity } from '../identity/identity.ts'
import { partitionOf } from '../identity/partition.ts'
import { boundAnswers } from './answer-size.ts'
import { callThrough } from './call.ts'
import { type Client, handlerOptions } from './clients.ts'
import { boundClock } from './clock.ts'
import { type CloudWatchCalls, cloudWatchCalls } from './cloudwatch-calls.ts'
import { retryStrategy } from './retry.ts'

/** Opens CloudWatch, which only AWS has. It costs nothing until its first call, which loads the SDK. */
export function openCloudWatch(
  transports: Transports,
  identity: S3Identity,
  key: AccessKey,
  now: () => Date,
): Client<CloudWatchCalls> {
  const { region, caPem, connector, useDualstackEndpoint = false, useFipsEndpoint = false } = identity
  const endpoint = `monitoring.${region}.${partitionOf(region).dnsSuffix}`
  const transport = transports.acquire({ endpoint, caPem, connector })
  const open = async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch')
    const client = new sdk.CloudWatchClient({
      ...{ region, useDualstackEndpoint, useFipsEndpoint },
      credentials: key,
      requestHandler: handlerOptions(transport),
      retryStrategy: retryStrategy(),
      userAgentAppId: 'artifact-store-operator',
    })
    boundAnswers(client, transport.answers)
    boundClock(client)
    return { sdk, client }
  }
  let opened: ReturnType<typeof open> | undefined
  const load = () => {
    opened ??= open()
    return opened
  }
  return { calls: cloudWatchCalls(load, callThrough(transport.gate), now), release: transport.release }
}
