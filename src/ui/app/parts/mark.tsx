/** The state of an object as a shape, which those who see no colours tell apart, too. */
import type { ComponentChild } from 'preact'
import type { Tone } from '../model/tone.ts'

const SHAPES: Readonly<Record<Tone, ComponentChild>> = {
  Ready: [
    <circle key="a" cx="8" cy="8" r="7" class="fill" />,
    <path key="b" d="M4.8 8.3 7 10.5l4.2-4.7" class="cut" />,
  ],
  Caution: [<path key="a" d="M8 1.2 15.2 14H.8z" class="fill" />, <path key="b" d="M8 6v3.6M8 11.4v.6" class="cut" />],
  Trouble: [
    <circle key="a" cx="8" cy="8" r="6.2" class="ring" />,
    <path key="b" d="M8 4.4v4.4M8 10.8v.6" class="line" />,
  ],
  Working: <path d="M8 1.8a6.2 6.2 0 1 1-6.2 6.2" class="ring turns" />,
  Stalled: [
    <path key="a" d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z" class="fill" />,
    <path key="b" d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" class="cut" />,
  ],
  Suspended: [
    <rect key="a" x="1" y="1" width="14" height="14" rx="4" class="fill" />,
    <path key="b" d="M6 5v6M10 5v6" class="cut" />,
  ],
  Unseen: <circle cx="8" cy="8" r="6.2" class="ring dashed" />,
}

export const Mark = ({ tone }: { tone: Tone }) => (
  <svg class={`mark tone-${tone}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    {SHAPES[tone]}
  </svg>
)
