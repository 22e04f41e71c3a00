/** Names that end a word, a string or an expression in one of the forms in which policies are printed. */
export const HOSTILE_NAMES: readonly string[] = [
  "'; touch /tmp/x; '",
  '"$(touch /tmp/x)"',
  '`id`',
  `${'$'}{var.x} %{ if }`,
  '\u202e\u001b[2J',
  '-rf',
  '\\n"]}',
]
