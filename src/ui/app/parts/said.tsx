/** Text that others have written: without controls and marks of direction, and apart from the text around it. */
import { harmless } from '../../../cli/text/harmless.ts'

interface SaidProps {
  text: string
  class?: string
  /** A word that may be broken where a part of it begins: `Credentials` `Projected`. */
  isCamel?: boolean
}

export const Said = ({ text, class: name, isCamel = false }: SaidProps) => (
  <bdi class={name}>{isCamel ? parts(harmless(text)) : harmless(text)}</bdi>
)

const parts = (text: string) =>
  text.split(/(?<=[a-z])(?=[A-Z])/).flatMap((part, at) => (at > 0 ? [<wbr key={at} />, part] : [part]))
