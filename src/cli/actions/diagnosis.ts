/** Pure: what doctor has found, as an answer. */
import type { Finding } from '../doctor/finding.ts'
import type { Answer } from '../frame/command.ts'
import { report } from '../frame/reports.ts'
import { harmless } from '../text/harmless.ts'
import { wrap } from '../text/width.ts'
import { doctorLines } from './doctor-lines.ts'
import { type Fix, fixWords } from './fixes.ts'

interface Told {
  /** What to say when nothing is wrong. */
  well: string
  notes: string[]
  fixes?: Fix[]
}

export function answerOf(findings: Finding[], { well, notes, fixes = [] }: Told): Answer {
  const wrong = findings.filter(({ isCaution }) => !isCaution)
  return {
    lines: view => [
      ...fixes.flatMap(fix => wrap(harmless(fixWords(fix)), view.width)),
      ...doctorLines(findings, well, view),
    ],
    data: report('Diagnosis', {
      findings: findings.map(({ cures, ...finding }) => ({
        ...finding,
        cures: cures.map(({ changes, ...cure }) => ({ ...cure, isFixable: changes !== undefined })),
      })),
      ...(fixes.length > 0 ? { fixes } : {}),
    }),
    names: wrong.map(({ kind, namespace, name }) => `${kind}/${namespace === '' ? name : `${namespace}/${name}`}`),
    notes,
    isFound: wrong.length > 0,
  }
}
