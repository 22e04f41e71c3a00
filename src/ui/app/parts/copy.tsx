/** A button that copies text, and a block of text with it. */
import { useEffect, useState } from 'preact/hooks'
import { useAnnounce } from './announcer.tsx'
import { Scroller } from './scroller.tsx'

const SHOWN_MS = 2_000

function CopyButton({ text, what }: { text: string; what: string }) {
  const [result, setResult] = useState<'copied' | 'failed' | undefined>()
  const announce = useAnnounce()
  useEffect(() => {
    if (!result) return
    const timer = setTimeout(() => setResult(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [result])
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setResult('copied')
        announce(`${what} copied`)
      },
      () => {
        setResult('failed')
        announce(`${what} not copied: select it instead`)
      },
    )
  return (
    // What came of it is its name for a while, for those who don't see it, too.
    <button type="button" class="button small" onClick={copy} aria-label={result ? undefined : `Copy ${what}`}>
      {result === 'copied' ? 'Copied' : result === 'failed' ? 'Select it instead' : 'Copy'}
    </button>
  )
}

/** `what`: for screen readers: `command`, `YAML`. */
export const CopyBlock = ({ text, what }: { text: string; what: string }) => (
  <div class="block">
    <Scroller label={what} class={what === 'command' ? 'text command' : 'text'}>
      <pre dir="ltr">
        <code>{text}</code>
      </pre>
    </Scroller>
    <CopyButton text={text} what={what} />
  </div>
)
