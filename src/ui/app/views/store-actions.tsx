/** The buttons that ask the operator to look at a store again. They show the command first. */
import { useState } from 'preact/hooks'
import type { Outcome, StoreDetail, StoreItem } from '../../contract.ts'
import type { Server } from '../net/server.ts'
import { type Result, RunDialog } from '../parts/run-dialog.tsx'

const ACTIONS = {
  verify: { title: 'Verify', words: 'The operator tries anew what its identity may do at the bucket.' },
  refresh: {
    title: 'Refresh',
    words:
      'The operator replaces the credentials in all Secrets of this store, and of all others of its connector, also in other namespaces.',
  },
} as const

interface ActionsProps {
  item: StoreItem
  commands: StoreDetail['commands']
  server: Server
  again(): void
}

export function Actions({ item, commands, server, again }: ActionsProps) {
  const [action, setAction] = useState<keyof typeof ACTIONS | undefined>()
  const { namespace, name } = item
  return (
    <div class="actions">
      {(['verify', 'refresh'] as const).map(one => (
        <button key={one} type="button" class="button" onClick={() => setAction(one)}>
          {ACTIONS[one].title} …
        </button>
      ))}
      {action && (
        <RunDialog
          title={`${ACTIONS[action].title} ${item.key}`}
          prepare={async () => ({ words: ACTIONS[action].words, commands: [commands[action]] })}
          run={async () => resultOf(await server.act(action, { kind: 'store', namespace, name }))}
          close={() => {
            setAction(undefined)
            again()
          }}
        />
      )}
    </div>
  )
}

function resultOf(outcomes: readonly Outcome[]): Result {
  const words = outcomes.map(({ done, result, health, detail }) =>
    [done, RESULTS[result]]
      .concat(result === 'Failed' || result === 'Late' ? [detail ?? health?.message ?? ''] : [])
      .filter(part => part !== '')
      .join(': '),
  )
  return { isGood: outcomes.every(({ result }) => result !== 'Failed'), words: words.join('\n') }
}

const RESULTS: Readonly<Record<Outcome['result'], string>> = {
  Done: 'it is Ready',
  Failed: 'it is not well',
  Late: 'no result yet',
  NotAwaited: 'nobody works on it now',
}
