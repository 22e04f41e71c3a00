/** Pure: from a connector and its stores to what must be set up at the cloud, and to the forms in which that is written. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import { keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { Shell } from '../text/kubectl.ts'
import { awsCliSteps } from './aws-cli.ts'
import { azCliSteps } from './az-cli.ts'
import { azureSheet } from './azure-asks.ts'
import type { ClusterFacts } from './facts.ts'
import { mcSteps } from './mc.ts'
import { isReplacedWhole } from './peers.ts'
import { s3Sheet } from './s3-asks.ts'
import type { Sheet, Subject } from './sheet.ts'
import { type Step, scriptOf } from './shell-commands.ts'
import { terraformOf } from './terraform.ts'

/** What is asked for. With one store, the policies are for that store only; else for all of the connector's. */
export interface Asked {
  connector: ServiceConnector
  stores: readonly ArtifactStore[]
  store?: ArtifactStore
  facts: ClusterFacts
  bucketAccount?: string
}

/** Undefined for a connector whose spec has no cloud. */
export function sheetOf({ connector, stores, store, facts, bucketAccount }: Asked, shell: Shell): Sheet | undefined {
  const { namespace = '', name, uid = '' } = (store ?? connector).metadata
  const of = { kind: store ? 'store' : 'connector', namespace, name } as const
  const key = keyOf(connector)
  const all = [
    ...new Map([...(facts.stores ?? stores), ...(store ? [store] : [])].map(one => [keyOf(one), one])).values(),
  ]
  const isUsed = (one: ArtifactStore): boolean =>
    isReplacedWhole(connector) || (store ? keyOf(one) === keyOf(store) : connectorKeyOf(one) === key)
  const used = all.filter(isUsed)
  const subject: Subject = {
    ...{ connector, stores: used, facts, uid, others: all.filter(one => !isUsed(one)) },
    of: { ...of, connector: key, stores: used.map(keyOf) },
    ...(bucketAccount === undefined ? {} : { bucketAccount }),
  }
  const { aws, azure } = connector.spec
  if (aws) return s3Sheet(subject, aws, shell)
  return azure ? azureSheet(subject, azure, shell) : undefined
}

export const FORMS = ['aws-cli', 'az-cli', 'terraform', 'mc'] as const
export type Form = (typeof FORMS)[number]

/** Clouds for which there is a form. */
export const CLOUDS_OF: Readonly<Record<Form, readonly Sheet['cloud'][]>> = {
  'aws-cli': ['AWS'],
  'az-cli': ['Azure'],
  terraform: ['AWS', 'Azure'],
  mc: ['S3'],
}

/** What is done, one after the other, with the tool of the cloud. */
const stepsOf = (sheet: Sheet): Step[] => {
  if (sheet.cloud === 'Azure') return azCliSteps(sheet)
  return sheet.cloud === 'AWS' ? awsCliSteps(sheet.grants) : mcSteps(sheet.grants)
}

const TOOLS: Readonly<Record<Sheet['cloud'], string>> = {
  AWS: 'the AWS CLI',
  Azure: 'the Azure CLI',
  S3: 'mc of MinIO',
}

/** The text of a form that is for the cloud of the sheet. */
export function textOfForm(sheet: Sheet, form: Form): string {
  if (form === 'terraform') return `${JSON.stringify(terraformOf(sheet), null, 2)}\n`
  return scriptOf(sheet, `Commands for ${TOOLS[sheet.cloud]}`, stepsOf(sheet))
}
