/** An operator that dies at a certain request, before it is sent: for Node's `--import`. */
import type { Program } from './operator-process.ts'

/** `path`: a regular expression. `after`: the number of such requests that the operator survives. */
export function diesAt(method: string, path: string, after = 0): Program {
  const code = `
    import channel from 'node:diagnostics_channel'
    let left = ${after}
    channel.subscribe('undici:request:create', ({ request }) => {
      if (request.method !== ${JSON.stringify(method)} || !new RegExp(${JSON.stringify(path)}).test(request.path)) return
      if (left-- === 0) process.kill(process.pid, 'SIGKILL')
    })
  `
  return { main: 'src/main.ts', nodeFlags: [`--import=data:text/javascript,${encodeURIComponent(code)}`] }
}
