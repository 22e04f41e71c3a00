/** Writes a profile of AWS's tools that calls this program for credentials. */
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { Cluster } from '../cluster/connect.ts'
import { hasKeys, processLine, withProfile } from '../credentials/profile-file.ts'
import type { Invocation } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import type { Credentials } from './credentials-of.ts'

export interface Written {
  name: string
  file: string
  /** File with the roots of a private CA. */
  caFile?: string
}

export async function writeProfile(
  name: string,
  credentials: Credentials,
  invocation: Invocation,
  cluster: Cluster,
): Promise<Written> {
  const given = resolve(process.env['AWS_CONFIG_FILE'] || join(homedir(), '.aws', 'config'))
  // A link to a file that is kept elsewhere stays a link.
  const file = await realpath(given).catch(() => given)
  try {
    const caFile = credentials.caPem === undefined ? undefined : join(dirname(file), 'artifact-store', `${name}.ca.crt`)
    const profile = {
      name,
      command: commandOf(credentials, invocation, cluster),
      ...(caFile ? { caBundle: caFile } : {}),
    }
    await checkNoKeys(name)
    const text = await textOf(file)
    const changed = withProfile(text, { ...profile, settings: credentials.settings, services: credentials.services })
    if (changed === undefined) {
      throw usageFailure(
        `profile "${name}" is in ${file} already, and others wrote it`,
        'choose another name, or remove it',
      )
    }
    if (caFile) await put(caFile, credentials.caPem ?? '')
    await put(file, changed)
    return { name, file, ...(caFile ? { caFile } : {}) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw usageFailure(`${file} can't be changed: ${(error as Error).message}`, 'name another one in $AWS_CONFIG_FILE')
  }
}

/** Keys of a profile in the file of credentials go before its process. */
async function checkNoKeys(name: string): Promise<void> {
  const file = resolve(process.env['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials'))
  const text = await readFile(file, 'latin1').catch(absent)
  if (!hasKeys(text, name)) return
  throw usageFailure(
    `profile "${name}" is in ${file}, and what is there goes before what is written here`,
    'choose another name, or remove it there',
  )
}

/** Bytes that are no text would not be the same when they are written again. */
async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch(absent)
  try {
    return typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw usageFailure(`${file} is not UTF-8`, 'save it as UTF-8, or name another one in $AWS_CONFIG_FILE')
  }
}

/** The command line by which tools call this program for the same credentials at the same cluster. */
function commandOf({ store, role, secret }: Credentials, { globals }: Invocation, { context }: Cluster): string {
  const { name, namespace = '' } = store.metadata
  const kubeconfig = globals.kubeconfig ?? onlyOne(process.env['KUBECONFIG'])
  const words = [
    ...program(),
    ...['login', name, role, '--namespace', namespace],
    ...(secret.namespace === namespace ? [] : ['--target', secret.namespace]),
    ...(context === IN_CLUSTER ? [] : ['--context', context]),
    ...(kubeconfig ? ['--kubeconfig', resolve(kubeconfig)] : []),
  ]
  try {
    return processLine(words, process.platform)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw usageFailure(
      `a word of the profile's command can't be written: ${error.message}`,
      'give the context or file another name',
    )
  }
}

/** What an access without a kubeconfig is called. */
const IN_CLUSTER = 'in-cluster'

/** --kubeconfig takes one file. Where there are more, the variable decides then as now. */
const onlyOne = (list: string | undefined): string | undefined =>
  list !== undefined && list !== '' && !list.includes(delimiter) ? list : undefined

/** This program: Node and the file that it runs, or the executable that is both. */
function program(): string[] {
  const [node = process.execPath, file] = process.argv
  const script = file === undefined ? undefined : resolve(file)
  return script === undefined || script === node || script === process.execPath
    ? [process.execPath]
    : [process.execPath, script]
}

const absent = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'ENOENT') return ''
  throw error
}

/** Writes a file in one step, so that nobody reads a half of it. It keeps its mode; a new one is for its owner only. */
async function put(path: string, text: string): Promise<void> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const mode = await stat(path).then(
    ({ mode }) => mode & 0o777,
    () => 0o600,
  )
  const draft = `${path}.${process.pid}`
  try {
    await writeFile(draft, text, { mode, flag: 'wx' })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
