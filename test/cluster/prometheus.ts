/** A real Prometheus that scrapes the metrics of an operator, and judges the alerts of `deploy/monitoring`. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { freePort, Service, Workspace } from './processes.ts'
import { prometheusBinaries } from './prometheus-tools.ts'

const RULES = new URL('../../deploy/monitoring/prometheus-rule.yaml', import.meta.url)

/** The alerts as a file of rules. */
export const alertRules = (): string => stringify(parse(readFileSync(RULES, 'utf8')).spec)

export interface Prometheus {
  /** Asks its API below `/api/v1/`. Returns `data` of the answer. */
  get<T>(path: string, parameters?: Record<string, string>): Promise<T>
  stop(): Promise<void>
}

/** Starts it, with what is scraped at these ports of 127.0.0.1 each second. */
export async function startPrometheus(ports: readonly number[]): Promise<Prometheus> {
  const [{ prometheus }, workspace] = await Promise.all([prometheusBinaries(), Workspace.create('prometheus')])
  const { dir } = workspace
  const address = `127.0.0.1:${await freePort()}`
  const targets = ports.map(port => `127.0.0.1:${port}`)
  const job = {
    job_name: 'artifact-store-operator',
    honor_labels: true,
    static_configs: [{ targets, labels: { namespace: 'artifact-store-system', pod: 'operator' } }],
  }
  const times = { scrape_interval: '1s', evaluation_interval: '1s' }
  await writeFile(join(dir, 'rules.yaml'), alertRules())
  await writeFile(
    join(dir, 'prometheus.yaml'),
    stringify({ global: times, rule_files: ['rules.yaml'], scrape_configs: [job] }),
  )
  const args = [`--config.file=${join(dir, 'prometheus.yaml')}`, `--storage.tsdb.path=${join(dir, 'data')}`]
  const command = { command: prometheus, args: [] }
  const server = new Service('prometheus', command, [...args, `--web.listen-address=${address}`], workspace)
  const stop = async () => {
    await server.kill()
    await workspace.remove()
  }
  try {
    await server.until('being ready', async () => (await fetch(`http://${address}/-/ready`)).ok)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    async get<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
      const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`)
      const answer = (await response.json()) as { status: string; data: T; error?: string }
      if (answer.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`)
      return answer.data
    },
    stop,
  }
}
