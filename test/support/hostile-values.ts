/** Values as a hostile tenant or endpoint may write them, and how long to look for one that does harm. */
import fc from 'fast-check'

const { FUZZ_RUNS, FUZZ_SEED } = process.env

/**
 * Parameters of a property. It tries the same values each time, unless FUZZ_RUNS asks for more: then they are others each
 * time. A failure says its seed, and FUZZ_SEED with the same FUZZ_RUNS tries the same values again.
 */
export const fuzzed = (runs: number): fc.Parameters<unknown> => {
  if (FUZZ_RUNS === undefined) return { numRuns: runs, seed: 20_260_301 }
  return { numRuns: Number(FUZZ_RUNS), ...(FUZZ_SEED === undefined ? {} : { seed: Number(FUZZ_SEED) }) }
}

/** What some grammar takes for more than text. */
const IN_ASCII = [
  ...[
    '"',
    "'",
    '`',
    '"""',
    '\\',
    '\\"',
    '#',
    ';',
    ';#',
    '=',
    ':',
    ',',
    '[s3]',
    '[',
    ']',
    '{',
    '}',
    '|',
    '>',
    '*a',
    '&a',
    '-',
  ],
  ...[
    '<',
    '</value>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '&',
    '&amp;',
    '&#10;',
    '&x;',
    '<?xml?>',
    '!!js/function',
    '~',
    'null',
  ],
  ...[
    '%(region)s',
    '%(x)s',
    '%%',
    '%0a',
    '%',
    `$${'{env.HOME}'}`,
    `$${'{user.name}'}`,
    '$(id)',
    '$',
    '{{workflow.name}}',
    '{{',
    '}}',
  ],
  ...[
    '../',
    '//',
    '?',
    '@',
    'AccountKey=',
    ';AccountName=x',
    '&sr=d',
    'true',
    '0x1',
    '1e3',
    '__proto__',
    'constructor',
  ],
]

const BEYOND = [
  ...[
    '\n',
    '\r\n',
    '\r',
    '\t',
    ' ',
    '  # ',
    ' ; ',
    '\n[s3]\ntype = webdav\n',
    '\nbearer_token_command = id\n',
    '\0',
    '\x1b[2J',
  ],
  ...[
    '\x7f',
    '\x85',
    '\xa0',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufffe',
    '\uffff',
    '\ud800',
    '\udfff',
    '\u202e',
    '\u200f',
    '\u0301',
  ],
  ...['é', 'Å', '😀', '文', '\v', '\f', '\x1c'],
]

const joined = (parts: fc.Arbitrary<string>, maxLength = 6) =>
  fc
    .array(parts, { minLength: 1, maxLength })
    .map(all => all.join(''))
    .filter(text => text !== '')

/** Printable, without spaces: what gets past checks of single characters. */
export const hostileAscii: fc.Arbitrary<string> = joined(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...IN_ASCII) },
    { weight: 2, arbitrary: fc.stringMatching(/^[\x21-\x7e]{1,12}$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z0-9]{1,8}$/) },
  ),
)

/** Anything, now and then very long. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: hostileAscii },
  {
    weight: 4,
    arbitrary: joined(fc.oneof(hostileAscii, fc.constantFrom(...BEYOND), fc.string({ unit: 'binary', maxLength: 8 }))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...IN_ASCII, ...BEYOND), fc.integer({ min: 1_000, max: 20_000 }))
      .map(([part, count]) => part.repeat(count)),
  },
)
