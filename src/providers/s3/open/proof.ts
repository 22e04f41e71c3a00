/** Proof of a key: the service is asked whether it knows the key, whose it is, and which region the service is in. */
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
  /** The given identity, in the region that the service says it is in. */
  identity: S3Identity
  caller: Caller
}

/** Any bucket name: a service that checks regions names its own even when the bucket does not exist. */
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
      // Assuming the first role proves the key just as well, and its answer names the caller.
      roles ? undefined : sts.calls.whoAmI(signal),
      isAws(identity) ? undefined : s3.calls.listBuckets(signal),
      // MinIO lists buckets for any region, but its STS only accepts its own: listing objects shows which that is.
      isAws(identity) || !roles ? undefined : s3.calls.listObjects(ANY_BUCKET, '', signal),
    ])
    const unknown = who && failureOf(who, { endpoint: identity.sts, identity, signer })
    // Not every S3-compatible service has GetCallerIdentity, but each refuses to list buckets for a wrong key.
    const refused = buckets && failureOf(buckets, { endpoint: identity.s3, identity, signer })
    // The caller must not change with the state of the service: only a lasting refusal means that it lacks the call.
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
