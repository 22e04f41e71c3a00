/** Operators that something happens to at a certain request, before it is sent: for Node's `--import`. */
import type { ControlPlane } from '../cluster/control-plane.ts'
import type { Program } from './operator-process.ts'

/** An operator that dies. `method` and `path`: regular expressions. `after`: the number of such requests that it survives. */
export function diesAt(method: string, path: string, after = 0): Program {
  return atRequest(
    method,
    path,
    `
      import process from 'node:process'
      let left = ${after}
      const act = () => left-- === 0 && process.kill(process.pid, 'SIGKILL')
    `,
  )
}

/**
 * An operator whose objects somebody annotates at each such request, so that none that carries a version is of the newest.
 * `objects`: as kubectl takes them.
 */
export function annotatesAt(
  method: string,
  path: string,
  objects: string[],
  { kubectl, kubeconfig }: Pick<ControlPlane, 'kubectl' | 'kubeconfig'>,
): Program {
  const words = [...kubectl.args, '--kubeconfig', kubeconfig, 'annotate', '--overwrite', ...objects]
  return atRequest(
    method,
    path,
    `
      import { execFileSync } from 'node:child_process'
      let turn = 0
      const act = () => execFileSync(${JSON.stringify(kubectl.command)}, [...${JSON.stringify(words)}, 'example.com/turn=' + turn++])
    `,
  )
}

/** `code` defines a function `act`. */
function atRequest(method: string, path: string, code: string): Program {
  const module = `
    import channel from 'node:diagnostics_channel'
    ${code}
    channel.subscribe('undici:request:create', ({ request }) => {
      if (new RegExp(${JSON.stringify(method)}).test(request.method) && new RegExp(${JSON.stringify(path)}).test(request.path)) act()
    })
  `
  return { main: 'src/main.ts', nodeFlags: [`--import=data:text/javascript,${encodeURIComponent(module)}`] }
}
