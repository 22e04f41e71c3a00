/** Proof of a key: the service is asked whether it knows the key, whose it is, and which region the service is in. */
import type { Failure } from '../../../api/failures.ts'
import { isOk } from '../../network/answer.ts'
import type { Transports } from '../../network/transports.ts'
import type { Caller } from '../../provider.ts'
import { saidIn } from '../../said.ts'
import { type Answer, codeWords, otherRegion } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import { openS3, openSts } from '../calls/clients.ts'
import type { AccessKey } from '../identity/auth.ts'
import { inRegion, isAws, type S3Identity } from '../identity/identity.ts'
import { signerOf } from '../identity/signer.ts'

export interface Proven {
  /** The given identity, in the region that the service says it is in. */
  identity: S3Identity
  caller: Caller
  /** Why it is not sure that the service knows the key: it has refused whatever could show that. */
  unproven?: string
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
  if (!proof.region) return provenBy(proof, identity)
  const there = inRegion(identity, proof.region)
  return provenBy(await ask(transports, there, key, signal), there)
}

const provenBy = ({ failure, caller, unproven }: Proof, identity: S3Identity): Proven | Failure =>
  failure ?? { identity, caller, ...(unproven ? { unproven } : {}) }

interface Proof {
  caller: Caller
  unproven?: string | undefined
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
    const isShown = buckets === undefined || isOk(buckets) || (who !== undefined && isOk(who))
    return {
      caller: who && isOk(who) ? (who.value ?? {}) : {},
      // Assuming a role will show it.
      unproven: isShown || roles ? undefined : notShown(buckets, identity.s3.host),
      failure: refused ?? unsure,
      region: regions.find(region => region !== undefined),
    }
  } finally {
    s3.release()
    sts.release()
  }
}

/** Some services have one answer for a wrong key and for a key that may not list. */
function notShown(answer: Answer, host: string): string {
  const what = `${host} answers, but refused ListBuckets (${codeWords(answer)})${saidIn(answer)}`
  return `${what}: the key may be wrong, or may not list buckets; stores will show which`
}
