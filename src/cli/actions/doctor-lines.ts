/** Pure: findings as lines for people. Commands are never wrapped: they are copied. */
import type { DiffLine } from '../doctor/diff.ts'
import { type Cure, type Finding, type Subject, subjectWords } from '../doctor/finding.ts'
import type { View } from '../frame/command.ts'
import { harmless } from '../text/harmless.ts'
import { wrap } from '../text/width.ts'

/** How many objects a finding names for people. */
const NAMED = 5

const TITLES: Readonly<Record<Cure['place'], string>> = {
  cluster: 'Cure',
  outside: 'Cure outside of the cluster',
  none: 'Nobody needs to act',
}

/** `well`: what to say when nothing is wrong. */
export function doctorLines(findings: readonly Finding[], well: string, view: View): string[] {
  const wrong = findings.filter(({ isCaution }) => !isCaution)
  const cautions = findings.filter(({ isCaution }) => isCaution)
  return [
    ...(wrong.length === 0 ? [view.paint(well, 'good')] : []),
    ...wrong.flatMap((finding, at) => findingLines(finding, `${at + 1}. `, view)),
    ...(cautions.length > 0 ? ['', view.paint('Works, but:', 'unsure')] : []),
    ...cautions.flatMap(finding => findingLines(finding, '', view)),
  ]
}

function findingLines(finding: Finding, number: string, { paint, width }: View): string[] {
  const { reason, message, explains, cures, isCaution, document } = finding
  const title = harmless(`${number}${subjectWords(finding)}: ${reason}`)
  const text = (words: string, indent = '   ') =>
    wrap(harmless(words), width - indent.length).map(line => indent + line)
  return [
    paint(title, isCaution ? 'unsure' : 'bad'),
    ...text(message),
    ...(explains.length > 0 ? text(`Also because of this: ${listOf(explains)}`) : []),
    ...cures.flatMap((cure, at) => [
      ...text(`${at === 0 ? TITLES[cure.place] : 'Or'}: ${cure.words}`),
      ...(cure.needs.length > 0 ? text(`It needs: ${cure.needs.join(', ')}`) : []),
      ...cure.commands.map(command => `     ${paint(command, 'title')}`),
    ]),
    ...(document ? text(`See: ${document}, or "kubectl artifactstore explain ${reason}"`) : []),
    '',
  ]
}

function listOf(subjects: readonly Subject[]): string {
  const named = subjects.slice(0, NAMED).map(subjectWords)
  const others = subjects.length - named.length
  return `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}

/** What a change makes of an object. */
export function diffLines(what: string, diff: readonly DiffLine[], { paint }: View): string[] {
  const tone = { '+': 'good', '-': 'bad', ' ': 'plain' } as const
  return [paint(harmless(what), 'title'), ...diff.map(({ sign, text }) => paint(`  ${sign} ${text}`, tone[sign]))]
}
