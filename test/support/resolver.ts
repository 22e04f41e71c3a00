/** DNS for tests. */
import { isIP } from 'node:net'
import type { Resolve } from '../../src/providers/network/endpoint-guard.ts'

/** Every name has these addresses. */
export const resolverTo =
  (...addresses: string[]): Resolve =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map(address => ({ address, family: isIP(address) })),
    )

/** No name has an address. */
export const noResolver: Resolve = (host, _options, callback) =>
  callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
