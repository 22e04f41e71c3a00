/** A key says nothing by itself: the service is asked whether it knows it, who it is, and where the service is. */
import type { Failure } from '../../../api/failures.ts'
import { isOk } from '../../network/answer.ts'
import type { Transports } from '../../network/transports.ts'
import type { Caller } from '../../provider.ts'
import { otherRegion } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import { openS3, openSts } from '../calls/clients.ts'
import type { AccessKey } from '../identity/auth.ts'
import { inRegion, isAws, type S3Identity } from '../identity/identity.ts'
import { signerOf } from '../identity/signer.ts'

export interface Proven {
  /** In the region that the service has, should it be another than the connector's. */
  identity: S3Identity
  caller: Caller
}

/** Services that check regions say theirs to who asks for any bucket, whether or not it exists. */
const ANY_BUCKET = 'artifact-store-operator'

export async function proveKey(
  transports: Transports,
  identity: S3Identity,
  key: AccessKey,
  signal: AbortSignal,
): Promise<Proven | Failure> {
  const proof = await ask(transports, identity, key, signal)
  if (!proof.region) return proof.failure ?? { identity, caller: proof.caller }
  const there = inRegion(identity, proof.region)
  const { failure, caller } = await ask(transports, there, key, signal)
  return failure ?? { identity: there, caller }
}

interface Proof {
  caller: Caller
  failure?: Failure | undefined
  region?: string | undefined
}

async function ask(transports: Transports, identity: S3Identity, key: AccessKey, signal: AbortSignal): Promise<Proof> {
  const roles = identity.assumeRoles?.length
  const signer = signerOf(identity, 0)
  const s3 = openS3(transports, identity, key)
  const sts = openSts(transports, identity, key, signer)
  try {
    const [who, buckets, any] = await Promise.all([
      // The first role proves the key just as well, and says who the session is.
      roles ? undefined : sts.calls.whoAmI(signal),
      isAws(identity) ? undefined : s3.calls.listBuckets(signal),
      // MinIO lists buckets for every region, but its STS insists on its own.
      isAws(identity) || !roles ? undefined : s3.calls.listObjects(ANY_BUCKET, '', signal),
    ])
    const unknown = who && failureOf(who, { endpoint: identity.sts, identity, signer })
    // Not every S3-compatible service has GetCallerIdentity, but all refuse to list buckets for a wrong key.
    const refused = buckets && failureOf(buckets, { endpoint: identity.s3, identity, signer })
    // Who we are must not change with the weather: one that lacks the call says so.
    const unsure = unknown && (!buckets || unknown.intent === 'transient') ? unknown : undefined
    const regions = [buckets, any].map(answer => answer && otherRegion(answer, identity.region))
    return {
      caller: who && isOk(who) ? (who.value ?? {}) : {},
      failure: refused ?? unsure,
      region: regions.find(region => region !== undefined),
    }
  } finally {
    s3.release()
    sts.release()
  }
}
