/** All commands, in the order of `--help`. A new one gets a line here, and its action a file in actions/. */
import type { Command } from '../frame/command.ts'
import {
  confirmDeleteCommand,
  makeDefaultCommand,
  refreshCommand,
  resumeCommand,
  suspendCommand,
  verifyCommand,
} from './act.ts'
import { envCommand, loginCommand } from './credentials.ts'
import { doctorCommand } from './doctor.ts'
import { consumersCommand, explainCommand, formatsCommand, versionCommand } from './look-up.ts'
import { permissionsCommand } from './permissions.ts'
import { policyCommand } from './policy.ts'
import { resourcesCommand } from './resources.ts'
import { completeCommand, completionCommand } from './shell.ts'
import { statusCommand } from './status.ts'
import { uiCommand } from './ui.ts'

export const COMMANDS: readonly Command[] = [
  statusCommand,
  doctorCommand,
  permissionsCommand,
  policyCommand,
  resourcesCommand,
  uiCommand,
  verifyCommand,
  refreshCommand,
  suspendCommand,
  resumeCommand,
  confirmDeleteCommand,
  makeDefaultCommand,
  envCommand,
  loginCommand,
  explainCommand,
  formatsCommand,
  consumersCommand,
  versionCommand,
  completionCommand,
  completeCommand,
]
