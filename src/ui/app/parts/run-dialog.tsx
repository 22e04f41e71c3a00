/** Shows the commands of a change, asks, has the server run them, and tells what came of it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { CurePreview } from '../../contract.ts'
import { wordsOfError } from '../net/server.ts'
import { useAnnounce } from './announcer.tsx'
import { CopyBlock } from './copy.tsx'
import { closeDialog, Dialog } from './dialog.tsx'
import { Said } from './said.tsx'
import { Scroller } from './scroller.tsx'

/** What is to be run: for a cure, with what it makes of each object. */
export type Shown = Pick<CurePreview, 'words' | 'commands'> & Partial<Pick<CurePreview, 'objects' | 'digest'>>

export interface Result {
  isGood: boolean
  words: string
}

interface RunDialogProps {
  title: string
  prepare(): Promise<Shown>
  run(shown: Shown): Promise<Result>
  close(): void
}

type State =
  | { step: 'preparing' }
  | { step: 'asking' | 'running'; shown: Shown }
  | { step: 'done'; shown: Shown | undefined; result: Result }

const failed = (error: unknown): Result => ({ isGood: false, words: wordsOfError(error) })

export const RunDialog = ({ title, close, ...steps }: RunDialogProps) => (
  <Dialog title={title} close={close}>
    <Steps {...steps} />
  </Dialog>
)

function Steps({ prepare, run }: Pick<RunDialogProps, 'prepare' | 'run'>) {
  const [state, setState] = useState<State>({ step: 'preparing' })
  const outcome = useRef<HTMLDivElement>(null)
  const announce = useAnnounce()
  useEffect(() => {
    prepare().then(
      shown => {
        setState({ step: 'asking', shown })
        announce('What it does is shown. Nothing is run yet.')
      },
      error => setState({ step: 'done', shown: undefined, result: failed(error) }),
    )
  }, [])
  const shown = state.step === 'preparing' ? undefined : state.shown
  const start = async (what: Shown) => {
    setState({ step: 'running', shown: what })
    // The button that has the focus goes away.
    outcome.current?.focus()
    const result = await run(what).catch(failed)
    setState({ step: 'done', shown: what, result })
  }
  return (
    <>
      {shown && <Plan shown={shown} />}
      {/* It is there before it has anything to say, or screen readers miss that. */}
      <div ref={outcome} class="outcome" role="status" tabIndex={-1}>
        {state.step === 'preparing' && <p class="quiet">Asking the API server what would change …</p>}
        {state.step === 'running' && <p class="quiet">It runs; the result may take a while …</p>}
        {state.step === 'done' && (
          <p class={`result ${state.result.isGood ? 'good' : 'bad'}`}>
            <Said text={state.result.words} />
          </p>
        )}
      </div>
      <footer>
        {state.step === 'asking' && (
          <button type="button" class="button primary" onClick={() => void start(state.shown)}>
            Run it
          </button>
        )}
        <button type="button" class="button" onClick={closeDialog}>
          {state.step === 'asking' ? 'Cancel' : 'Close'}
        </button>
      </footer>
    </>
  )
}

const Plan = ({ shown: { words, commands, objects = [] } }: { shown: Shown }) => (
  <>
    <p>
      <Said text={words} />
    </p>
    {commands.map(command => (
      <CopyBlock key={command} text={command} what="command" />
    ))}
    {objects.map(({ what, lines }) => (
      <section key={what} class="diff">
        <h3>
          <Said text={what} />
        </h3>
        <Scroller label={`What changes of ${what}`} class="lines">
          <ul>
            {lines.map(({ sign, text }, at) => (
              <li key={at} class={sign === '+' ? 'plus' : sign === '-' ? 'minus' : ''}>
                <span class="sign">{sign}</span>
                <Said text={text} />
              </li>
            ))}
          </ul>
        </Scroller>
      </section>
    ))}
  </>
)
