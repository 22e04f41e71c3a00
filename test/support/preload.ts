/** Code for Node's `--import` that changes the surroundings of an operator. */

const flag = (code: string): string[] => [`--import=data:text/javascript,${encodeURIComponent(code)}`]

/** Sets the operator's clock wrong. */
export const clockOff = (ms: number): string[] =>
  flag(`
    const real = Date
    globalThis.Date = class extends real {
      constructor(...given) { given.length ? super(...given) : super(real.now() + ${ms}) }
      static now() { return real.now() + ${ms} }
    }
  `)

/** Adds a name to DNS. */
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

/** Leads connections for the address to the host of the URL. */
export function addressLeadsTo(address: string, url: string): string[] {
  const { hostname, port } = new URL(url)
  return flag(`
    import net from 'node:net'
    const real = net.Socket.prototype.connect
    net.Socket.prototype.connect = function (...given) {
      const [options] = [given[0]].flat()
      if (options?.host === ${JSON.stringify(address)}) {
        Object.assign(options, { host: ${JSON.stringify(hostname)}, port: ${Number(port)} })
      }
      return real.apply(this, given)
    }
  `)
}
