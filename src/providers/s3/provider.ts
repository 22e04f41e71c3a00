/** The provider of `spec.aws`: S3, and services that speak its protocol. */
import { isFailure } from '../../api/failures.ts'
import type { Network } from '../network/agents.ts'
import { NO_GUARD } from '../network/endpoint-guard.ts'
import { originOf } from '../network/endpoint-rules.ts'
import type { OnRequest } from '../network/gate.ts'
import { Transports } from '../network/transports.ts'
import type { Identity, Provider } from '../provider.ts'
import { answerOfError } from './answers/answer.ts'
import { VERSION_PERMISSIONS } from './answers/version-permissions.ts'
import { refuses } from './identity/bucket-rules.ts'
import { endpoints, regionOf } from './identity/endpoints.ts'
import { identity, references, type S3Identity } from './identity/identity.ts'
import { requiredPermissions } from './needs/required.ts'
import { obtainCredentials } from './open/chain.ts'
import { ProbedKeys } from './probe/probed-keys.ts'
import { S3Session } from './session.ts'

export interface S3ProviderOptions {
  now: () => Date
  /** Time in ms that never jumps. Default: this process's. */
  monotonic?: () => number
  onRequest?: OnRequest
  /** Default: no proxy, and only the addresses refused that always are. */
  network?: Network
}

export function createS3Provider(options: S3ProviderOptions): Provider & { broken(): number; close(): void } {
  const { now, monotonic = () => performance.now(), onRequest, network } = options
  const transports = new Transports({ monotonic, onRequest, network, answerOf: answerOfError })
  const probed = new ProbedKeys()

  return {
    name: 'aws',
    references,
    identity: (spec, resolved) =>
      identity(spec, resolved, { environment: process.env, ...(network ? { guard: network.guard } : {}) }),
    async open(identity, signal) {
      const credentials = await obtainCredentials({ transports, now }, ours(identity), signal)
      return isFailure(credentials) ? credentials : new S3Session({ credentials, transports, now, monotonic, probed })
    },
    refuses: (identity, request) => refuses(ours(identity), request),
    requiredPermissions,
    versionPermissions: VERSION_PERMISSIONS,
    group({ aws }, namespace) {
      const where = aws && endpoints(aws, regionOf(aws), { environment: process.env, guard: NO_GUARD })
      // With endpoints that do not exist, nothing is called.
      if (!where || isFailure(where)) return `aws nothing of ${namespace}`
      const [s3, sts] = [where.s3, where.sts].map(({ url, host }) => (url ? originOf(url) : host))
      return s3 === sts ? `aws ${s3}` : `aws ${s3} ${sts}`
    },
    letThrough(spec, namespace) {
      const hosts = this.group(spec, namespace).split(' ')
      transports.letThrough(endpoint => hosts.includes(endpoint))
    },
    broken: () => transports.broken,
    close: () => transports.close(),
  }
}

/** Narrows the type of an identity: the session cache hands back what `identity` has made. */
function ours(identity: Identity): S3Identity {
  if (identity.provider !== 'aws') throw new Error(`an identity of provider ${identity.provider}`)
  return identity as S3Identity
}
