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

/** Writes a log line "connection" with `host` and `port` for each connection that is opened, and one for each UDP socket. */
export const connectionsLogged = (): string[] =>
  flag(`
    import dgram from 'node:dgram'
    import net from 'node:net'
    import { syncBuiltinESMExports } from 'node:module'
    const tell = line => process.stderr.write(JSON.stringify({ level: 'info', msg: 'connection', ...line }) + '\\n')
    const real = net.Socket.prototype.connect
    net.Socket.prototype.connect = function (...given) {
      const [options, host] = [given[0]].flat().concat(given[1])
      tell(typeof options === 'object' ? { host: options.host, port: Number(options.port) } : { host, port: Number(options) })
      return real.apply(this, given)
    }
    const { createSocket } = dgram
    dgram.createSocket = (...given) => {
      tell({ host: 'UDP' })
      return createSocket(...given)
    }
    syncBuiltinESMExports()
  `)
