/** Pure: a plugin of esbuild by which modules of Node are loaded when they are first used. */
import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/**
 * An import statement for a module of Node stays at the top of a bundle, whoever needs it, and some of them take as long to
 * load as all the rest. Here each becomes a module of the bundle, which asks Node when it is reached.
 */
export const lateBuiltins: Plugin = {
  name: 'late builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z][\w/:]*$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ''), namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}
