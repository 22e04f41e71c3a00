/** Connectors whose SAS token is useless or permits too little. */
import { ContainerSASPermissions } from '@azure/storage-blob'
import { atAzure, type Row, sasToken } from './azure-world.ts'

const FIELD = 'spec.azure.auth.sasToken'
const SECRET = 'the SAS token in Secret "bad/'

/** A complete SAS token, except that no key has made its signature. */
const sas = (change: Record<string, string | undefined> = {}): string => {
  const parameters = {
    sv: '2024-11-04',
    sr: 'c',
    sp: 'racwdl',
    se: '2099-01-01T00:00:00Z',
    sig: 'c2lnbmVkIGJ5IG5vYm9keQ==',
  }
  const given = Object.entries({ ...parameters, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  )
  return new URLSearchParams(given).toString()
}

const row = (name: string, sas_token: string, reason: string, ...says: string[]): Row => ({
  name,
  arrange: ({ secret }) => secret(name, { sas_token }),
  connector: world => atAzure(world, { auth: sasToken(name) }),
  reason,
  says,
})

export const sasRows: Row[] = [
  row(
    'sas-url',
    `https://acme.blob.core.windows.net/data?${sas()}`,
    'InvalidCredentials',
    FIELD,
    'only what follows the "?"',
  ),
  row('sas-cut-off', sas({ sig: undefined }), 'InvalidCredentials', FIELD, 'store a whole token'),
  row('sas-without-time', sas({ se: 'soon' }), 'InvalidCredentials', FIELD, '"se" that is no time'),
  row(
    'sas-expired',
    sas({ se: '2020-01-01T00:00:00Z' }),
    'CredentialsExpired',
    FIELD,
    'put a fresh one into the Secret',
  ),
  row('sas-of-tomorrow', sas({ st: '2098-01-01T00:00:00Z' }), 'CredentialsNotYetValid', FIELD, 'wait, or replace it'),
  row('sas-for-a-blob', sas({ sr: 'b' }), 'SasInsufficient', FIELD, 'create one for the container, sr=c'),
  row('sas-for-queues', sas({ sr: undefined, ss: 'q', srt: 'co' }), 'SasInsufficient', FIELD, 'create one with ss=b'),
  row('sas-for-objects', sas({ sr: undefined, ss: 'b', srt: 'o' }), 'SasInsufficient', FIELD, 'create one with srt=co'),
  row('sas-without-rights', sas({ sp: undefined }), 'SasInsufficient', FIELD, 'has no permissions (sp)'),
  // The store shows this: a connector does not try out a SAS token for a container.
  {
    ...row('sas-forged', sas(), 'CredentialsRejected', SECRET, 'check that it is whole and for this place'),
    store: () => ({}),
  },
  {
    ...row('sas-reads-only', '', 'PermissionDenied', 'blobs/write', 'blobs/delete', 'put a SAS token with "w" (sp)'),
    async arrange({ azure, secret }, name) {
      const permissions = ContainerSASPermissions.parse('rl')
      const expiresOn = new Date(Date.now() + 3_600_000)
      const container = azure.azurite.admin.service().getContainerClient('bad')
      const url = await container.generateSasUrl({ permissions, expiresOn })
      await secret(name, { sas_token: new URL(url).search.slice(1) })
    },
    store: () => ({}),
  },
]
