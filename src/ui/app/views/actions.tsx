/** The buttons that ask the operator to look at an object again. They show the command first. */
import { useState } from 'preact/hooks'
import type { ActionRequest, Outcome, StoreDetail } from '../../contract.ts'
import type { Server } from '../net/server.ts'
import { type Result, RunDialog } from '../parts/run-dialog.tsx'

type Action = 'verify' | 'refresh'

const TITLES: Readonly<Record<Action, string>> = { verify: 'Verify now', refresh: 'Refresh' }
const WORDS: Readonly<Record<ActionRequest['kind'], Readonly<Record<Action, string>>>> = {
  store: {
    verify: 'The operator tries anew what its identity may do at the bucket. Credentials stay as they are.',
    refresh:
      'The operator replaces the credentials in all Secrets of this store, and of all others of its connector, also in other namespaces.',
  },
  connector: {
    verify:
      'The operator authenticates anew, and also replaces the credentials in all Secrets of all stores of this connector.',
    refresh:
      'The operator replaces the credentials in all Secrets of all stores of this connector, also in other namespaces.',
  },
}

interface ActionsProps {
  object: ActionRequest
  commands: StoreDetail['commands']
  server: Server
  again(): void
}

export function Actions({ object, commands, server, again }: ActionsProps) {
  const [action, setAction] = useState<Action | undefined>()
  const { kind, namespace, name } = object
  return (
    <div class="actions">
      {(['verify', 'refresh'] as const).map(one => (
        <button key={one} type="button" class="button" onClick={() => setAction(one)}>
          {TITLES[one]} …
        </button>
      ))}
      {action && (
        <RunDialog
          title={`${TITLES[action]}: ${kind} ${namespace}/${name}`}
          prepare={async () => ({ words: WORDS[kind][action], commands: [commands[action]] })}
          run={async () => resultOf(await server.act(action, object))}
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
