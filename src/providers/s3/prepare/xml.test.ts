import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { escapeXml, parseXml } from './xml.ts'

describe('parseXml', () => {
  test('a parsed element has its positions in the text', () => {
    const xml = '<?xml version="1.0"?>\n<A xmlns="http://x/">\n  <B>1</B><C/><!-- <D> --></A>\n'
    const root = parseXml(xml)
    assert.ok(root)
    assert.equal(xml.slice(root.start, root.end), '<A xmlns="http://x/">\n  <B>1</B><C/><!-- <D> --></A>')
    assert.equal(xml.slice(root.contentEnd, root.end), '</A>')
    assert.deepEqual(
      root.children.map(({ name, text, start, end }) => [name, text, xml.slice(start, end)]),
      [
        ['B', '1', '<B>1</B>'],
        ['C', '', '<C/>'],
      ],
    )
  })

  test('the text of an element is unescaped, and can be escaped back', () => {
    assert.equal(
      parseXml('<A>&lt;a&gt; &amp;amp; &#x41;&#66;&quot;&apos;&unknown;</A>')?.text,
      `<a> &amp; AB"'&unknown;`,
    )
    assert.equal(parseXml(`<A>${escapeXml(`<a> & "b"'s`)}</A>`)?.text, `<a> & "b"'s`)
  })

  const broken = [
    ['an empty text', ''],
    ['text', 'text'],
    ['two elements', '<A/><B/>'],
    ['text beside the element', '<A/>x'],
    ['an end that is missing', '<A><B></A>'],
    ['an end of another', '<A></B>'],
    ['an end too many', '<A></A></A>'],
    ['a tag that does not end', '<A'],
    ['characters that are not read', '<A><![CDATA[x]]></A>'],
    ['a web page', '<!DOCTYPE html><html></html>'],
  ]
  for (const [name, xml = ''] of broken) {
    test(`the XML parser refuses ${name}`, () => assert.equal(parseXml(xml), undefined))
  }
})
