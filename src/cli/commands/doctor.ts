import type { Command } from '../frame/command.ts'
import { WAIT_OPTIONS } from '../frame/globals.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  group: 'See',
  summary: 'say what is wrong, in the order to mend it, with commands that cure it',
  about:
    'A cause is told once, with all that follows from it. Commands run as they are printed; what they need besides is said ' +
    'above them, and values of Secrets come from the environment, never from the command line. Where the cure is at the ' +
    'cloud, the commands are those of the AWS CLI, the Azure CLI or mc, as "policy" prints them, or it is said in words; ' +
    '--fix does not run them. --fix shows what each command would change, asks, changes it, and waits until all is Ready. ' +
    'It changes only the object that is not well, and leaves alone what somebody must choose or provide, and what owners ' +
    'decide: who may use a Secret, a ServiceAccount, a connector or a namespace. Those commands are printed. --install looks at the installation: the operator, its CRDs, ' +
    'policies and rights, its leader, the consent of namespaces, and the clocks. Exit code 1: something is wrong; what ' +
    'works, and is told all the same, does not count.',
  arguments: [
    { name: 'store|connector', about: 'only this one, with what belongs to it', completes: 'store-or-connector' },
  ],
  options: [
    { flags: '--install', about: 'look at the installation instead' },
    { flags: '--fix', about: 'mend what needs no choice, and gives nothing to others' },
    { flags: '-y, --yes', about: 'do not ask before each change of --fix' },
    ...WAIT_OPTIONS,
  ],
  examples: [
    { line: 'doctor -A', about: 'everything that you may see' },
    { line: 'doctor models -n ml', about: 'one store, with its connector' },
    { line: 'doctor -n ml --fix', about: 'mend it, and be asked before each change' },
    { line: 'doctor --install', about: 'the installation of the operator' },
  ],
  data: {
    kind: 'Diagnosis',
    members: {
      'findings[].kind': 'connector, store or installation',
      'findings[].namespace': 'namespace; empty where there is none',
      'findings[].name': 'name',
      'findings[].reason': 'its reason, as in status',
      'findings[].message': 'what, where, and what to do',
      'findings[].isCaution': 'it works, and this is only to be known',
      'findings[].explains[].kind': 'what else is not well because of this',
      'findings[].explains[].namespace': 'its namespace',
      'findings[].explains[].name': 'its name',
      'findings[].cures[].place':
        'cluster (the commands cure it), outside (somebody must act or decide), none (it passes)',
      'findings[].cures[].words': 'what it is; the first cure is the best, and each is enough',
      'findings[].cures[].commands[]': 'commands for a POSIX shell, in this order',
      'findings[].cures[].needs[]': 'variables of the environment and files that the commands read',
      'findings[].cures[].isFixable': '--fix can do it',
      'findings[].document': 'where there is more about the reason',
      'fixes[].kind': 'of --fix: connector or store',
      'fixes[].namespace': 'namespace',
      'fixes[].name': 'name',
      'fixes[].reason': 'the reason that was mended',
      'fixes[].commands[]': 'the commands for the same',
      'fixes[].result': 'Done, Failed, Late (not Ready in time), NotAwaited or Declined',
      'fixes[].detail': 'more about the result',
    },
  },
  run: async invocation => (await import('../actions/doctor.ts')).doctor(invocation),
}
