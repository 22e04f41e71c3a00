/** etcd's maintenance: by its gateway, which takes JSON, and with the programs that an administrator has for snapshots. */
import { type Command, goBuild } from './tools.ts'

/** etcd's own programs, by their names. */
export async function etcdTools(): Promise<Record<'etcdctl' | 'etcdutl', Command>> {
  const command = await goBuild('etcdtools', 'etcdctl and etcdutl, about 1 minute')
  return { etcdctl: { command, args: ['etcdctl'] }, etcdutl: { command, args: ['etcdutl'] } }
}

async function post(url: string, path: string, body: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok) throw new Error(`etcd: ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

interface Alarm {
  memberID: string
  alarm: string
}

/** Forgets all versions of objects but the last ones. */
export async function compact(url: string): Promise<void> {
  const { header } = (await post(url, 'maintenance/status')) as { header: { revision: string } }
  await post(url, 'kv/compaction', { revision: header.revision, physical: true })
}

/** Gives the room of what is forgotten back, and takes writes again. */
export async function makeRoom(url: string): Promise<void> {
  await compact(url)
  await post(url, 'maintenance/defragment')
  const { alarms = [] } = (await post(url, 'maintenance/alarm', { action: 'GET' })) as { alarms?: Alarm[] }
  // An alarm is of a member: without its id, nothing is disarmed, and nothing is said.
  for (const { memberID, alarm } of alarms)
    await post(url, 'maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm })
}
