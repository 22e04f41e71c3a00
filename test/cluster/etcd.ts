/** etcd's maintenance by its gateway, which takes JSON: what an administrator does with etcdctl. */

async function post(url: string, path: string, body: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok) throw new Error(`etcd: ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** Forgets all versions of objects but the last ones. */
export async function compact(url: string): Promise<void> {
  const { header } = (await post(url, 'maintenance/status')) as { header: { revision: string } }
  await post(url, 'kv/compaction', { revision: header.revision, physical: true })
}

/** Gives the room of what is forgotten back, and takes writes again. */
interface Alarm {
  memberID: string
  alarm: string
}

export async function makeRoom(url: string): Promise<void> {
  await compact(url)
  await post(url, 'maintenance/defragment')
  const { alarms = [] } = (await post(url, 'maintenance/alarm', { action: 'GET' })) as { alarms?: Alarm[] }
  // An alarm is of a member: without its id, nothing is disarmed, and nothing is said.
  for (const { memberID, alarm } of alarms)
    await post(url, 'maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm })
}
