/** Code that changes the world an operator lives in, for Node's `--import`. */

const flag = (code: string): string[] => [`--import=data:text/javascript,${encodeURIComponent(code)}`]

/** Its clock is off. */
export const clockOff = (ms: number): string[] =>
  flag(`
    const real = Date
    globalThis.Date = class extends real {
      constructor(...given) { given.length ? super(...given) : super(real.now() + ${ms}) }
      static now() { return real.now() + ${ms} }
    }
  `)

/** DNS has one more name. */
export const nameResolvesTo = (name: string, address: string): string[] =>
  flag(`
    import dns from 'node:dns'
    import { syncBuiltinESMExports } from 'node:module'
    const real = dns.lookup
    dns.lookup = (host, options, callback) =>
      host === ${JSON.stringify(name)}
        ? callback(null, [{ address: ${JSON.stringify(address)}, family: 4 }])
        : real(host, options, callback)
    syncBuiltinESMExports()
  `)
