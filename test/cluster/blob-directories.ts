/**
 * What an account with a hierarchical namespace has and Azurite lacks: SAS tokens to a directory, signed with the key of
 * the account. Their directory is not in them: it is as many parts of the name that is asked for as the token says (sdd).
 */
import { createHmac } from 'node:crypto'
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'

interface Account {
  readonly accountName: string
  readonly accountKey: string
}

export const isToDirectory = (url: string): boolean => new URL(url, 'http://a').searchParams.get('sr') === 'd'

/** The request with a token to the whole container, which Azurite takes; undefined when the account refuses it. */
export function atContainer(url: string, { accountName, accountKey }: Account): string | undefined {
  const asked = new URL(url, 'http://a')
  const { pathname, searchParams: query } = asked
  const [container = '', ...blob] = decodeURIComponent(pathname).split('/').slice(2)
  const parts = (blob.length > 0 ? blob : (query.get('prefix') ?? '').split('/')).filter(part => part !== '')
  const depth = Number(query.get('sdd'))
  if (!(depth >= 1) || parts.length < depth || query.has('skoid')) return undefined
  const path = `/blob/${accountName}/${[container, ...parts.slice(0, depth)].join('/')}`
  const signed = (...names: string[]) => names.map(name => query.get(name) ?? '')
  // The fields of a service SAS, in the order of the documentation; snapshot and encryption scope are empty.
  const fields = [
    ...[...signed('sp', 'st', 'se'), path, ...signed('si', 'sip', 'spr', 'sv', 'sr'), '', ''],
    ...signed('rscc', 'rscd', 'rsce', 'rscl', 'rsct'),
  ]
  const signature = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(fields.join('\n')).digest('base64')
  if (query.get('sig') !== signature) return undefined
  const whole = generateBlobSASQueryParameters(
    {
      containerName: container,
      permissions: ContainerSASPermissions.parse(query.get('sp') ?? ''),
      startsOn: new Date(query.get('st') ?? ''),
      expiresOn: new Date(query.get('se') ?? ''),
    },
    new StorageSharedKeyCredential(accountName, accountKey),
  )
  for (const name of ['sp', 'st', 'se', 'spr', 'sv', 'sr', 'sdd', 'sig']) query.delete(name)
  return `${pathname}?${[query.toString(), whole.toString()].filter(Boolean).join('&')}`
}
