/** Text that others have written: without controls and marks of direction, and apart from the text around it. */
import { harmless } from '../../../cli/text/harmless.ts'

export const Said = ({ text, class: name }: { text: string; class?: string }) => (
  <bdi class={name}>{harmless(text)}</bdi>
)
