/** A real Ceph of one monitor and one OSD in memory, with the RADOS Gateway and its STS. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, Service, Workspace } from '../processes.ts'
import { type Ceph, cephPrograms } from './ceph-programs.ts'
import { createSharedBucket, fullPolicy, type Key, type Keys, keys, type S3Service, startIn } from './service.ts'

const fsid = '11111111-1111-1111-1111-111111111111'
const osd = '22222222-2222-2222-2222-222222222222'

export async function startCeph(): Promise<S3Service> {
  const [ceph, workspace] = await Promise.all([cephPrograms(), Workspace.create('ceph')])
  return startIn(workspace, async processes => {
    const { dir } = workspace
    for (const folder of ['mon', 'osd', 'run']) await mkdir(join(dir, folder))
    const [monitor, port] = [`v1:127.0.0.1:${await freePort()}`, await freePort()]
    const file = join(dir, 'ceph.conf')
    await writeFile(file, configuration(ceph, dir, monitor, port))

    const run = async (program: string, ...args: string[]) => {
      const { command, args: before } = ceph.command(program)
      const all = [...before, ...(program === 'monmaptool' ? [] : ['-c', file]), ...args]
      return (await promisify(execFile)(command, all, { env: { ...process.env, ...ceph.env }, timeout: 120_000 }))
        .stdout
    }
    const serve = (program: string, ...args: string[]) => {
      const flags = ['-c', file, '-f', ...args]
      const server = new Service(program, ceph.command(program), flags, { logs: workspace.logs, env: ceph.env })
      processes.push(server)
      return server
    }

    const map = join(dir, 'monmap')
    await run('monmaptool', '--create', '--addv', 'a', `[${monitor}]`, '--fsid', fsid, map)
    await run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map)
    serve('ceph-mon', '-i', 'a')
    await run('ceph', 'osd', 'new', osd)
    await run('ceph', 'osd', 'crush', 'add', 'osd.0', '1', 'host=host', 'root=default')
    await run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd)
    const store = serve('ceph-osd', '-i', '0')
    // Pools that are made before the OSD is up may be waited for without end.
    await store.until('being up', async () => (await run('ceph', 'osd', 'stat')).includes('1 up'))
    await makeUsers(run)
    const gateway = serve('radosgw', '-n', 'client.rgw')
    const endpoint = `http://127.0.0.1:${port}`
    await gateway.until('serving S3', async () => (await fetch(endpoint)).ok)
    const service = {
      ...{ version: ceph.version, endpoint, region: 'us-east-1', keys },
      roles: { trusting: roleArn('trusting'), closed: roleArn('closed') },
    }
    const users = { user: 'arn:aws:iam:::user/user', reader: 'arn:aws:iam:::user/reader' }
    return { ...service, createBucket: name => createSharedBucket(service, name, users) }
  })
}

const roleArn = (name: string): string => `arn:aws:iam:::role/${name}`

async function makeUsers(run: (program: string, ...args: string[]) => Promise<string>): Promise<void> {
  const admin = (...args: string[]) => run('radosgw-admin', ...args)
  for (const [name, { accessKeyId, secretAccessKey }] of Object.entries(keys) as [keyof Keys, Key][]) {
    const key = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
    await admin('user', 'create', `--uid=${name}`, `--display-name=${name}`, ...key)
  }
  for (const [name, user] of [
    ['trusting', 'user'],
    ['closed', 'nobody'],
  ]) {
    const Principal = { AWS: [`arn:aws:iam:::user/${user}`] }
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: ['sts:AssumeRole'] }] }
    await admin('role', 'create', `--role-name=${name}`, `--assume-role-policy-doc=${JSON.stringify(trust)}`)
    const policy = `--policy-doc=${JSON.stringify(fullPolicy)}`
    await admin('role-policy', 'put', `--role-name=${name}`, '--policy-name=full', policy)
  }
}

const configuration = ({ root, libraries }: Ceph, dir: string, monitor: string, port: number): string => `
[global]
fsid = ${fsid}
mon host = ${monitor}
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
# The gateway insists on a secure connection otherwise, which needs authentication.
ms mon client mode = crc secure
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 10000
run dir = ${join(dir, 'run')}
admin socket =
pid file =
log file =
log to stderr = true
plugin dir = ${join(libraries, 'ceph')}
erasure code dir = ${join(libraries, 'ceph/erasure-code')}
[mon]
mon data = ${join(dir, 'mon')}
mon initial members = a
[osd]
osd data = ${join(dir, 'osd')}
osd objectstore = memstore
# An OSD that does this itself, before it knows its cluster, is sometimes refused, and ends.
osd crush update on start = false
osd class update on start = false
memstore device bytes = 1073741824
osd class dir = ${join(libraries, 'rados-classes')}
osd class load list = *
osd class default list = *
[client]
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw s3 auth use sts = true
rgw sts key = 0123456789abcdef
rgw data = ${join(dir, 'rgw')}
rgw mime types file = ${join(root, 'etc/mime.types')}
`
