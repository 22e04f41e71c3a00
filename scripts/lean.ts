/** Plugins of esbuild that leave out of the bundle what the operator would load and never use: memory of each replica. */
import type { Plugin } from 'esbuild'

/**
 * Takes of undici what the operator uses: HTTP/1 and its dispatchers. Its index also loads fetch, WebSocket and more, and
 * a dispatcher loads HTTP/2 and with it Node's own, which the operator never asks for. A name that is missing here fails
 * the build; only clients of @kubernetes/client-node that the operator has no use for call fetch.
 */
const partOfUndici: Plugin = {
  name: 'part of undici',
  setup({ initialOptions, onResolve, onLoad }) {
    // Undici's own switch for bundles, by which Node leaves out a second parser of HTTP, too.
    initialOptions.define = { ...initialOptions.define, esbuildDetection: 'true' }
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'part' }))
    onLoad({ filter: /^undici$/, namespace: 'part' }, () => ({
      contents: `
        import api from 'undici/lib/api/index.js'
        import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
        // As its index does.
        Object.assign(Dispatcher.prototype, api)
        export { default as Agent } from 'undici/lib/dispatcher/agent.js'
        export { default as buildConnector } from 'undici/lib/core/connect.js'
        export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js'
        export const fetch = (...request) => globalThis.fetch(...request)`,
      resolveDir: import.meta.dirname,
    }))
    onLoad({ filter: /[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/ }, () => ({
      contents: `module.exports = () => { throw new Error('HTTP/2 is not in the bundle: allowH2 must be false') }`,
    }))
  },
}

/**
 * Takes of @kubernetes/client-node what is used of it, and not the models of all objects of Kubernetes. Its modules only
 * define things, but it does not tell bundlers so. Within one file, esbuild keeps all of a module that is loaded late: there
 * its indexes are replaced by what is taken of them. A name that is missing here fails the build.
 */
const partOfClientNode: Plugin = {
  name: 'part of @kubernetes/client-node',
  setup({ onResolve, onLoad, resolve }) {
    onLoad({ filter: /[\\/]@kubernetes[\\/]client-node[\\/]dist[\\/]index\.js$/ }, () => ({
      contents: `export { KubeConfig } from './config.js'`,
    }))
    onLoad({ filter: /[\\/]@kubernetes[\\/]client-node[\\/]dist[\\/]gen[\\/]index\.js$/ }, () => ({
      contents: `
        export { createConfiguration } from './configuration.js'
        export { ServerConfiguration } from './servers.js'`,
    }))
    const ofClientNode = /[\\/]@kubernetes[\\/]client-node[\\/]/
    onResolve({ filter: /./ }, async ({ path, pluginData, ...options }) => {
      const mayBe = path === '@kubernetes/client-node' || ofClientNode.test(options.importer)
      if (!mayBe || pluginData === ofClientNode) return undefined
      const resolved = await resolve(path, { ...options, pluginData: ofClientNode })
      return ofClientNode.test(resolved.path) ? { ...resolved, sideEffects: false } : resolved
    })
  },
}

/**
 * Takes Node's modules of HTTP by require. An import reads at once all that a module exports, and three names of node:http
 * load a second undici, which is built into Node, with streams of the web.
 */
const httpByRequire: Plugin = {
  name: 'HTTP by require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }))
  },
}

export const leanPlugins: Plugin[] = [partOfUndici, partOfClientNode, httpByRequire]
