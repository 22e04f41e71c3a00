/** Commands that change an object as the operator documents it, and wait for what comes of it. */
import type { Argument, Command } from '../frame/command.ts'
import { WAIT_OPTIONS } from '../frame/globals.ts'

const STORE: Argument = { name: 'store', about: 'name of the store', isRequired: true, completes: 'store' }
const EITHER: Argument = {
  name: 'store|connector',
  about: 'name; store/NAME or connector/NAME where both have it',
  isRequired: true,
  completes: 'store-or-connector',
}

const resultOf = (kind: string): NonNullable<Command['data']> => ({
  kind,
  members: {
    'results[].kind': 'store or connector',
    'results[].namespace': 'namespace',
    'results[].name': 'name',
    'results[].done': 'what was done, in words',
    'results[].result': 'Done, Failed, Late (no result in time) or NotAwaited',
    'results[].next': 'the command that comes next, where there is one',
    'results[].detail': 'more about the result',
    'results[].health.ready': 'True, False or Unknown: the condition Ready',
    'results[].health.reason': 'its reason',
    'results[].health.message': 'its message',
    'results[].health.isStalled': 'a person must act',
    'results[].health.isReconciling': 'work goes on, or trouble may pass',
    'results[].health.trouble': 'why, where that is something else than Ready says',
    'results[].health.isCurrent': 'status is about the spec as it is',
  },
})

const RESULT = 'Exit code 1: the result is not well, or did not come in time.'

export const verifyCommand: Command = {
  name: 'verify',
  group: 'Act',
  summary: 'have the operator look again now, and say what it found',
  about: `Sets the annotation artifactstore.dev/requested-at, and waits for the answer in status. ${RESULT}`,
  arguments: [EITHER],
  options: WAIT_OPTIONS,
  examples: [{ line: 'verify models -n ml', about: 'after a change of a bucket policy' }],
  data: resultOf('Verify'),
  run: async invocation => (await import('../actions/request.ts')).verify(invocation),
}

export const refreshCommand: Command = {
  name: 'refresh',
  group: 'Act',
  summary: 'issue new credentials for all stores of a connector',
  about:
    'The operator replaces the credentials of all stores of the connector, of which a store may be named instead. Waits ' +
    `until each Secret has new ones. ${RESULT}`,
  arguments: [EITHER],
  options: WAIT_OPTIONS,
  examples: [{ line: 'refresh connector/aws -n ml', about: 'after keys have leaked or a role has changed' }],
  data: resultOf('Refresh'),
  run: async invocation => (await import('../actions/request.ts')).refresh(invocation),
}

export const suspendCommand: Command = {
  name: 'suspend',
  group: 'Act',
  summary: 'have the operator stop looking at a store or connector',
  about: `Sets spec.suspend. What was projected stays, and runs out. ${RESULT}`,
  arguments: [EITHER],
  options: WAIT_OPTIONS,
  examples: [{ line: 'suspend models -n ml', about: 'while the bucket is moved' }],
  data: resultOf('Suspend'),
  run: async invocation => (await import('../actions/suspend.ts')).suspend(invocation),
}

export const resumeCommand: Command = {
  name: 'resume',
  group: 'Act',
  summary: 'have the operator look at a suspended store or connector again',
  about: `Removes spec.suspend, and waits until the object is Ready, or says why not. ${RESULT}`,
  arguments: [EITHER],
  options: WAIT_OPTIONS,
  examples: [{ line: 'resume models -n ml --timeout 5m', about: 'and wait up to five minutes' }],
  data: resultOf('Resume'),
  run: async invocation => (await import('../actions/suspend.ts')).resume(invocation),
}

export const confirmDeleteCommand: Command = {
  name: 'confirm-delete',
  group: 'Act',
  summary: 'let a store or connector be deleted that is kept from it',
  about:
    'For a store with deletionProtection, the default store of a namespace that has others, and a connector that stores use. ' +
    'Sets the annotation artifactstore.dev/confirm-delete. Deletes nothing itself: it says how to, and waits for the end of ' +
    'what was deleted already. Exit code 1: it is still there.',
  arguments: [
    {
      name: 'store|connector',
      about: 'name of the store, or connector/NAME',
      isRequired: true,
      completes: 'store-or-connector',
    },
  ],
  options: WAIT_OPTIONS,
  examples: [
    { line: 'confirm-delete models -n ml', about: 'before or after kubectl delete artifactstore models -n ml' },
    { line: 'confirm-delete connector/aws -n ml', about: 'before kubectl delete serviceconnector aws -n ml' },
  ],
  data: resultOf('ConfirmDelete'),
  run: async invocation => (await import('../actions/confirm-delete.ts')).confirmDelete(invocation),
}

export const makeDefaultCommand: Command = {
  name: 'make-default',
  group: 'Act',
  summary: 'make a store the default of its namespace',
  about:
    'Moves spec.default from the store that has it now, which gives way first: there are never two. If the new one is ' +
    `refused, the old one gets it back. ${RESULT}`,
  arguments: [STORE],
  options: WAIT_OPTIONS,
  examples: [{ line: 'make-default archive -n ml', about: 'in place of the present one' }],
  data: resultOf('MakeDefault'),
  run: async invocation => (await import('../actions/make-default.ts')).makeDefault(invocation),
}
