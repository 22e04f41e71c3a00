/** Pure: what a pod says to use a store's Secret, for each format, as docs/consumers.md and deploy/samples/consumers/ have it. */
import { stringify } from 'yaml'
import {
  type ArtifactStore,
  type CredentialsEntry,
  DEFAULT_MOUNT_PATH,
  type Format,
  secretNameOf,
} from '../../api/artifact-store.ts'
import { FORMATS } from '../../cli/known/index.ts'
import { commandLine } from '../../cli/text/shell.ts'
import { secretSuffixes } from '../../formats/index.ts'
import type { Snippet } from '../contract.ts'
import { formatsIn } from './items.ts'

interface Place {
  namespace: string
  secret: string
  mountPath: string
  entry: CredentialsEntry
}

/** What a container needs. */
interface Use {
  args?: string[]
  env?: object[]
  /** All keys of the Secret as variables. */
  envFrom?: boolean
  /** The Secret as a directory. */
  mount?: boolean
}

const VOLUME = 'artifact-store'
/** A name that every shell takes for a variable. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,252}$/

const USES: Readonly<Record<Exclude<Format, 'ArgoWorkflows'>, (place: Place) => Use>> = {
  AwsProfile: ({ mountPath }) => ({ mount: true, env: [{ name: 'AWS_CONFIG_FILE', value: `${mountPath}/config` }] }),
  Env: () => ({ envFrom: true }),
  WebIdentity: () => ({ envFrom: true, mount: true }),
  ZenML: () => ({ mount: true }),
  Turborepo: () => ({ envFrom: true }),
  OpenMetadata: ({ secret }) => ({ env: [fromKey('CONNECTION', secret, 'connection.json')] }),
  Hadoop: ({ mountPath }) => ({ mount: true, env: [{ name: 'HADOOP_CONF_DIR', value: mountPath }] }),
  Rclone: ({ mountPath }) => ({ mount: true, args: ['--config', `${mountPath}/rclone.conf`, 'ls', 'store:'] }),
  Keys: ({ secret, entry: { keys = {} } }) =>
    Object.keys(keys).every(key => VARIABLE.test(key))
      ? { env: Object.keys(keys).map(key => fromKey(key, secret, key)) }
      : { mount: true },
}

const fromKey = (name: string, secret: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
})

/** One for each Secret and format of the store, in each namespace that has the Secret. */
export function snippetsOf({ metadata, spec, status }: ArtifactStore): Snippet[] {
  return (spec.credentials ?? []).flatMap(entry =>
    secretSuffixes(entry.formats).flatMap(suffix => {
      const secret = secretNameOf(metadata.name, entry) + suffix
      const known = (status?.credentials ?? []).filter(({ secretName }) => secretName === secret)
      const namespace = (known[0] ?? metadata).namespace ?? ''
      const place = { namespace, secret, mountPath: entry.mountPath ?? DEFAULT_MOUNT_PATH, entry }
      return formatsIn(metadata.name, entry, secret).map(format => snippet(format, place))
    }),
  )
}

function snippet(format: Format, place: Place): Snippet {
  const consumers = FORMATS.find(row => row.format === format)?.consumers ?? []
  const text = format === 'ArgoWorkflows' ? argoText(place) : podText(USES[format](place), place)
  return { format, secret: place.secret, namespace: place.namespace, text, consumers }
}

/** It goes into the ConfigMap of Argo once, and names keys of the Secret without their values. */
const argoText = ({ namespace, secret }: Place): string =>
  `${commandLine(['kubectl', 'get', 'secret', secret, '-n', namespace, '-o', 'jsonpath={.data.artifact-repository\\.yaml}'])} | base64 -d\n`

function podText({ args, env, envFrom, mount }: Use, { secret, mountPath }: Place): string {
  const container = {
    name: 'main',
    ...(args ? { args } : {}),
    ...(env ? { env } : {}),
    ...(envFrom ? { envFrom: [{ secretRef: { name: secret } }] } : {}),
    ...(mount ? { volumeMounts: [{ name: VOLUME, mountPath, readOnly: true }] } : {}),
  }
  const volumes = mount ? { volumes: [{ name: VOLUME, secret: { secretName: secret } }] } : {}
  return stringify({ containers: [container], ...volumes }, { lineWidth: 0, aliasDuplicateObjects: false })
}
