/** Pure: what `doctor --fix` has done. */
import { type Subject, subjectWords } from '../doctor/finding.ts'

/** What came of one cure. */
export interface Fix extends Subject {
  reason: string
  commands: string[]
  /** Done: all that it explains is Ready. Declined: the person did not want it. */
  result: 'Done' | 'Failed' | 'Late' | 'NotAwaited' | 'Declined'
  detail: string
}

export const fixWords = (fix: Fix): string => `${subjectWords(fix)}: ${fix.reason}: ${fix.result}: ${fix.detail}`
