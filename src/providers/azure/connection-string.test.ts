import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseConnectionString } from './connection-string.ts'

describe('parseConnectionString', () => {
  const cases: [name: string, text: string, expected: object | RegExp][] = [
    [
      'of the portal',
      'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=aGk=;EndpointSuffix=core.windows.net',
      { accountName: 'acme', accountKey: 'aGk=', endpoint: 'https://acme.blob.core.windows.net' },
    ],
    [
      'of another cloud, over http',
      'DefaultEndpointsProtocol=http;AccountName=acme;AccountKey=aGk=;EndpointSuffix=core.chinacloudapi.cn',
      { endpoint: 'http://acme.blob.core.chinacloudapi.cn' },
    ],
    [
      'of an emulator',
      'AccountName=acme;AccountKey=aGk=;BlobEndpoint=https://azurite:10000/acme/;',
      { accountName: 'acme', accountKey: 'aGk=', endpoint: 'https://azurite:10000/acme' },
    ],
    [
      'with a SAS token, which has = and &',
      'BlobEndpoint=https://acme.blob.core.windows.net/;SharedAccessSignature=sv=2022-11-02&sig=a%3D',
      { sasToken: 'sv=2022-11-02&sig=a%3D', endpoint: 'https://acme.blob.core.windows.net' },
    ],
    ['with names in any case', 'accountname=acme;ACCOUNTKEY=aGk=', { accountName: 'acme', accountKey: 'aGk=' }],
    [
      'with a key and a SAS token, of which the key counts,',
      'AccountKey=aGk=;SharedAccessSignature=sig=a',
      { accountKey: 'aGk=' },
    ],
    ['for an emulator on the own host', 'UseDevelopmentStorage=true', /UseDevelopmentStorage means/],
    [
      'that says that it is for no emulator',
      'UseDevelopmentStorage=false;AccountName=acme;AccountKey=aGk=',
      { accountName: 'acme', accountKey: 'aGk=' },
    ],
    ['for an emulator, in upper case', 'UseDevelopmentStorage=TRUE', /UseDevelopmentStorage means/],
    ['without anything to authenticate with', 'AccountName=acme', /neither AccountKey nor SharedAccessSignature/],
    ...[
      'https://acme.blob.core.windows.net/?sv=1&sig=hush',
      'https://me:hush@acme.blob.core.windows.net',
      'ftp://acme.blob.core.windows.net',
      'hush',
    ].map((url): (typeof cases)[number] => [
      `with a BlobEndpoint that is ${url}`,
      `AccountName=acme;AccountKey=aGk=;BlobEndpoint=${url}`,
      /BlobEndpoint is no URL of a blob service/,
    ]),
    ['that is no list of parts', 'hush', /no list of Name=value/],
  ]
  for (const [name, text, expected] of cases) {
    test(`a string ${name} ${expected instanceof RegExp ? 'is refused' : 'is read'}`, () => {
      const parsed = parseConnectionString(text)
      if (expected instanceof RegExp) assert.match(String(parsed), expected)
      else assert.partialDeepStrictEqual(parsed, expected)
      if (typeof parsed === 'string') assert.doesNotMatch(parsed, /hush|aGk/)
    })
  }

  test('a key leaves no SAS token behind', () => {
    assert.deepEqual(parseConnectionString('AccountKey=aGk=;SharedAccessSignature=sig=a'), { accountKey: 'aGk=' })
  })
})
