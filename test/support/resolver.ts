/** DNS for tests. */
import { isIP } from 'node:net'
import type { Resolve } from '../../src/providers/network/endpoint-guard.ts'

/** A resolver that has these addresses for every name. */
export const resolverTo =
  (...addresses: string[]): Resolve =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map(address => ({ address, family: isIP(address) })),
    )

/** A resolver that knows no name. */
export const noResolver: Resolve = (host, _options, callback) =>
  callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
