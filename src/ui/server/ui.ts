/** `ui`: the page, served on this machine with the person's own rights, until the person ends it. */
import { once } from 'node:events'
import manifest from '../../../package.json' with { type: 'json' }
import { type Cluster, onCluster } from '../../cli/cluster/connect.ts'
import type { Answer, Invocation } from '../../cli/frame/command.ts'
import { usageFailure } from '../../cli/frame/failures.ts'
import { shellOf } from '../../cli/text/kubectl.ts'
import type { Context } from '../contract.ts'
import { readBuiltPage } from './built-page.ts'
import { Calls } from './calls.ts'
import { Door } from './door.ts'
import { openBrowser } from './open-browser.ts'
import { pageOf } from './page.ts'
import { type Parts, serve } from './server.ts'
import { Streams } from './stream.ts'
import { watchCluster } from './watched.ts'

export async function ui(invocation: Invocation): Promise<Answer> {
  const { globals, options, signal } = invocation
  const port = portOf(options['port'])
  if (globals.output)
    throw usageFailure('"ui" prints a URL, and no data', 'leave out -o, or see "kubectl artifactstore status"')
  const page = pageOf(await readBuiltPage())
  return onCluster(globals, async cluster => {
    invocation.progress(`reading connectors and stores of ${cluster.where}`)
    const end = new AbortController()
    const ended = AbortSignal.any([signal, end.signal])
    const streams = new Streams({ context: contextOf(cluster), now: () => Date.now() - (cluster.aheadMs() ?? 0) })
    try {
      const watched = await watchCluster({ cluster, signal: ended, onChange: change => streams.changed(change) })
      streams.show(watched)
      const calls = new Calls({ cluster, watched, shell: shellOf(globals), now: invocation.now, signal: ended })
      const door = new Door({ onRevoke: () => streams.restart() })
      await serveUntil(ended, { page, streams, calls, door, port }, origin => {
        const url = `${origin}/#token=${door.token}`
        invocation.print(({ paint }) => [`The page is at ${paint(url, 'title')} until Ctrl-C.`])
        if (options['open'] !== false && invocation.isSeen) openBrowser(`${origin}/#code=${door.code()}`)
      })
    } finally {
      // Nothing goes on when it failed, either.
      end.abort()
      streams.close()
    }
    return { lines: () => [], data: {}, names: [] }
  })
}

/** Resolves when the signal aborts. Rejects with a fault of the program, which ends it as it does with other commands. */
async function serveUntil(
  ended: AbortSignal,
  { port, ...parts }: Omit<Parts, 'onFault'> & { port: number },
  onServing: (origin: string) => void,
): Promise<void> {
  const fault = Promise.withResolvers<void>()
  // What is cut off by the end is none.
  const onFault = (error: unknown) => void (ended.aborted || fault.reject(error))
  const server = await serve({ ...parts, onFault }, port)
  try {
    onServing(`http://127.0.0.1:${server.port}`)
    if (!ended.aborted) await Promise.race([once(ended, 'abort'), fault.promise])
  } finally {
    await server.close()
  }
}

/** 0 where none was asked for. */
function portOf(given: string | boolean | undefined): number {
  if (given === undefined) return 0
  const port = /^\d{1,5}$/.test(String(given)) ? Number(given) : 0
  if (port < 1 || port > 65_535) throw usageFailure(`--port "${given}" is no port`, 'give a number from 1 to 65535')
  return port
}

const contextOf = ({ where, namespace }: Cluster): Context => ({
  where,
  ...(namespace === undefined ? {} : { namespace }),
  version: manifest.version,
})
