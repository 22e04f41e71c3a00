import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Expiration, editLifecycle, isKept } from './lifecycle-xml.ts'

const NS = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const all = (...rules: string[]) => `<LifecycleConfiguration${NS}>${rules.join('')}</LifecycleConfiguration>`
const ID = 'artifactstore.dev/ml/prod/1b9d6bcd'
const wanted = (change: Partial<Expiration> = {}): Expiration => ({
  ...{ id: ID, prefix: 'team/', days: 30, versions: false },
  ...change,
})

const OURS =
  `<Rule><ID>${ID}</ID><Filter><Prefix>team/</Prefix></Filter><Status>Enabled</Status>` +
  '<Expiration><Days>30</Days></Expiration></Rule>'
const NONCURRENT = '<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>'
const OURS_OF_VERSIONS = OURS.replace('</Rule>', `${NONCURRENT}</Rule>`)
/** A rule with members that no SDK of today knows, in an order of its own. */
const THEIRS =
  '<Rule>\n  <Status>Enabled</Status><ID>theirs</ID><New><Thing a="b">1</Thing></New>' +
  '<Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value>&lt;v&gt;</Value></Tag></And></Filter></Rule>\n'

describe('editLifecycle', () => {
  const edits: [
    name: string,
    before: string | undefined,
    wanted: Expiration,
    after: string | undefined,
    rules: number,
  ][] = [
    ['it is the first rule', undefined, wanted(), all(OURS), 1],
    ['it is the first rule of an empty configuration', `<LifecycleConfiguration${NS}/>`, wanted(), all(OURS), 1],
    ['it goes beside somebody else’s', all(THEIRS), wanted(), all(THEIRS.trimEnd(), OURS, '\n'), 2],
    ['it gets to count for versions, too', all(OURS), wanted({ versions: true }), all(OURS_OF_VERSIONS), 1],
    ['it no longer counts for versions', all(OURS_OF_VERSIONS, THEIRS), wanted(), all(OURS, THEIRS), 2],
    ['it has other days', all(THEIRS, OURS.replace('30', '7'), THEIRS), wanted(), all(THEIRS, OURS, THEIRS), 3],
    ['it has another prefix', all(OURS.replace('team/', '')), wanted(), all(OURS), 1],
    ['somebody has switched it off', all(OURS.replace('Enabled', 'Disabled')), wanted(), all(OURS), 1],
    ['somebody has added a member', all(OURS.replace('</Rule>', '<New>1</New></Rule>')), wanted(), all(OURS), 1],
    ['it is there twice', all(OURS, THEIRS, OURS), wanted(), all(OURS, THEIRS), 2],
    ['it is removed', all(THEIRS, OURS, THEIRS), wanted({ days: undefined }), all(THEIRS, THEIRS), 2],
    ['it is removed as the last one', all(OURS), wanted({ days: undefined }), undefined, 0],
    [
      'everything around the rules stays',
      `<?xml version="1.0"?>\n<LifecycleConfiguration>${OURS.replace('30', '1')}<X/></LifecycleConfiguration>\n`,
      wanted(),
      `<?xml version="1.0"?>\n<LifecycleConfiguration>${OURS}<X/></LifecycleConfiguration>\n`,
      1,
    ],
  ]
  for (const [name, before, expiration, after, rules] of edits) {
    test(`a lifecycle rule is edited: ${name}`, () => {
      const edit = editLifecycle(before, expiration)
      assert.deepEqual(edit, { kind: 'edit', ...(after === undefined ? {} : { xml: after }), rules, earlier: 0 })
      assert.equal(editLifecycle(after, expiration), 'as wanted')
    })
  }

  const same: [name: string, xml: string | undefined, wanted: Expiration][] = [
    ['it is as it was written', all(THEIRS, OURS), wanted()],
    ['it counts for versions', all(OURS_OF_VERSIONS), wanted({ versions: true })],
    [
      'it has another order, white space and empty members',
      all(
        `<Rule>\n<Status>Enabled</Status> <Expiration><Days>30</Days><Date/></Expiration><Filter><Prefix>team/</Prefix></Filter><ID>${ID}</ID></Rule>`,
      ),
      wanted(),
    ],
    ['it has the prefix where older services have it', all(OURS.replace(/<\/?Filter>/g, '')), wanted()],
    ['it is for the whole bucket', all(OURS.replace('<Prefix>team/</Prefix>', '')), wanted({ prefix: '' })],
    ['it is not there, and not wanted', all(THEIRS), wanted({ days: undefined })],
    ['there are no rules, and none is wanted', undefined, wanted({ days: undefined })],
  ]
  for (const [name, xml, expiration] of same) {
    test(`a lifecycle rule is as wanted: ${name}`, () => assert.equal(editLifecycle(xml, expiration), 'as wanted'))
  }

  for (const xml of ['', 'not xml', '<html></html>', '<LifecycleConfiguration><Rule></LifecycleConfiguration>']) {
    test(`a document that is no lifecycle configuration is not edited: ${JSON.stringify(xml)}`, () =>
      assert.equal(editLifecycle(xml, wanted()), 'unreadable'))
  }
})

describe('isKept', () => {
  const other = THEIRS.replace('theirs', 'other')
  const nameless = THEIRS.replace('<ID>theirs</ID>', '')
  const cases: [
    name: string,
    before: string | undefined,
    after: string | undefined,
    wanted: Expiration,
    kept: boolean,
  ][] = [
    ['all is as written', all(THEIRS), all(THEIRS, OURS), wanted(), true],
    ['ours is gone', all(THEIRS), all(THEIRS), wanted(), false],
    ['ours is as it was before', undefined, all(OURS.replace('30', '7')), wanted(), false],
    ['another is gone', all(THEIRS, other), all(THEIRS, OURS), wanted(), false],
    ['another has come', all(THEIRS), all(THEIRS, OURS, other), wanted(), true],
    ['a rule without an id is gone', all(nameless), all(OURS), wanted(), false],
    ['a rule without an id stays', all(nameless), all(OURS, nameless), wanted(), true],
    ['ours is removed', all(OURS), undefined, wanted({ days: undefined }), true],
    ['ours is not removed', all(OURS), all(OURS), wanted({ days: undefined }), false],
    ['the answer can’t be read', all(THEIRS), 'x', wanted(), false],
  ]
  for (const [name, before, after, expiration, kept] of cases) {
    test(`a written lifecycle rule is ${kept ? '' : 'not '}kept: ${name}`, () =>
      assert.equal(isKept(before, after, expiration), kept))
  }
})
