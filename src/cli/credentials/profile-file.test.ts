import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { isProfileName, type Profile, processLine, withProfile } from './profile-file.ts'

const MARK = '# Written by "kubectl artifactstore login", which writes it over.'
const profile: Profile = {
  ...{ name: 'ml', command: 'kubectl-artifactstore login models step' },
  ...{ settings: ['region = eu-west-1', 's3 =', '  addressing_style = path'], services: [] },
}
const OWN = `[profile ml]
${MARK}
credential_process = kubectl-artifactstore login models step
region = eu-west-1
s3 =
  addressing_style = path
`
const OTHERS = `# mine
[default]
region = us-east-1

[profile other]
sso_session = a
`

describe('a profile in a config file', () => {
  for (const [what, before, after] of [
    ['is all of a file that was not there', '', OWN],
    ['follows what others wrote', OTHERS, `${OTHERS}\n${OWN}`],
    ['is one, also when it is written again', `${OTHERS}\n${OWN}`, `${OTHERS}\n${OWN}`],
    ['takes the place of what it was', `${OWN.replace('eu-west-1', 'us-east-1')}\n${OTHERS}`, `${OTHERS}\n${OWN}`],
    [
      'leaves the comment of the next section',
      `${OWN}\n# about other\n[profile other]\na = b\n`,
      `# about other\n[profile other]\na = b\n\n${OWN}`,
    ],
    [
      'leaves one empty line where it was',
      `[profile a]\nb = c\n\n${OWN}\n[profile d]\ne = f\n`,
      `[profile a]\nb = c\n\n[profile d]\ne = f\n\n${OWN}`,
    ],
    ['leaves a profile whose name begins alike', '[profile ml2]\na = b\n', `[profile ml2]\na = b\n\n${OWN}`],
  ] as const) {
    test(what, () => assert.equal(withProfile(before, profile), after))
  }

  for (const theirs of [
    '[profile ml]\nregion = a\n',
    '[profile "ml"]\na = b\n',
    ' [ profile  ml ] \n',
    '[services ml]\na = b\n',
  ]) {
    test(`is not written where others have one: ${JSON.stringify(theirs)}`, () =>
      assert.equal(withProfile(theirs, profile), undefined))
  }

  test('has its roots, and a section of services of its own, which is written over, too', () => {
    const more = { ...profile, caBundle: '/home/a/ca.crt', services: ['s3 =', '  endpoint_url = https://a'] }
    const text = withProfile(OTHERS, more) ?? ''
    assert.match(text, /^ca_bundle = \/home\/a\/ca\.crt\nservices = ml$/m)
    assert.ok(text.endsWith(`\n[services ml]\n${MARK}\ns3 =\n  endpoint_url = https://a\n`))
    assert.equal(withProfile(text, more), text)
    assert.equal(withProfile(text, profile), `${OTHERS}\n${OWN}`)
  })
})

describe('a name of a profile', () => {
  for (const name of ['ml', 'team.models-step_1']) test(`may be ${name}`, () => assert.ok(isProfileName(name)))
  for (const name of ['', 'default', 'a b', 'a]', 'a\nb', '-x', 'ä', 'a'.repeat(65)])
    test(`may not be ${JSON.stringify(name).slice(0, 20)}`, () => assert.equal(isProfileName(name), false))
})

describe('the command of a credential process', () => {
  const words = ['/opt/my node/node', "it's", 'a$b', '--context', 'arn:aws:eks:eu-west-1:1:cluster/a']

  test('is read by a shell as these words', () => {
    const read = execFileSync('sh', ['-c', `printf '%s\\n' ${processLine(words, 'linux')}`], { encoding: 'utf8' })
    assert.deepEqual(read.trimEnd().split('\n'), words)
  })

  test('has quotes around words with spaces on Windows', () => {
    const words = ['C:\\Program Files\\nodejs\\node.exe', 'login']
    assert.equal(processLine(words, 'win32'), '"C:\\Program Files\\nodejs\\node.exe" login')
  })

  test('has no words that it would change', () => {
    assert.throws(() => processLine(['a\nb'], 'linux'), RangeError)
    assert.throws(() => processLine(['a"b'], 'win32'), RangeError)
  })
})
