#!/usr/bin/env node
/** kubectl-artifactstore: the process, with its streams, signals and exit code. */
import manifest from '../../package.json' with { type: 'json' }
import { COMMANDS } from './commands/index.ts'
import { createProgress, questioner, viewOf } from './frame/terminal.ts'
import { runProgram } from './program.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
// A pager that ends early is no fault.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit())

const progress = createProgress(process.stderr)

void runProgram(process.argv.slice(2), {
  commands: COMMANDS,
  version: manifest.version,
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
  view: viewOf(process.stdout, process.env),
  errView: viewOf(process.stderr, process.env),
  now: () => new Date(),
  progress,
  ...questioner(process.stdin, process.stderr, stop.signal),
  signal: stop.signal,
}).then(code => {
  progress.end()
  process.exitCode = code
})
