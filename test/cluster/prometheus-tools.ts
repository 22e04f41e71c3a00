/** The real Prometheus and promtool, built once into the cache, for `make test-operate`. */
import { dirname, join } from 'node:path'
import { cached } from './cache.ts'
import { buildFlags, go } from './tools.ts'

const version = 'v0.316.0'
/** Without the ways to find targets in clouds, whose SDKs are most of the program. */
const flags = [...buildFlags, '-tags', 'remove_all_sd', '-ldflags', '-s -w']
const programs = ['prometheus', 'promtool'].map(name => `github.com/prometheus/prometheus/cmd/${name}@${version}`)

export async function prometheusBinaries(): Promise<{ prometheus: string; promtool: string }> {
  const promtool = await cached({
    name: 'prometheus',
    inputs: [...programs, ...flags],
    proof: 'promtool',
    announcement: `building Prometheus ${version} and promtool, about 5 minutes the first time`,
    build: directory => go(['install', ...flags, ...programs], { env: { GOBIN: directory } }),
  })
  return { prometheus: join(dirname(promtool), 'prometheus'), promtool }
}
