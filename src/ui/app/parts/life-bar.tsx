/** The life of a Secret's credentials as a bar from issue to end, with a notch where they are to be replaced. */
import type { Life } from '../model/life.ts'

const WIDTH = 100

export const LifeBar = ({ life: { stage, spent, due } }: { life: Life }) => (
  <svg class={`life life-${stage}`} viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
    <rect class="life-all" width={WIDTH} height="8" rx="1" />
    {due !== undefined && <rect class="life-rest" x={due * WIDTH} width={WIDTH - due * WIDTH} height="8" />}
    {spent !== undefined && <rect class="life-spent" width={spent * WIDTH} height="8" rx="1" />}
    {due !== undefined && <rect class="life-notch" x={Math.min(WIDTH - 1, due * WIDTH)} width="1" height="8" />}
  </svg>
)
