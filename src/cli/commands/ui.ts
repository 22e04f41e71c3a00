import type { Command } from '../frame/command.ts'

export const uiCommand: Command = {
  name: 'ui',
  group: 'See',
  summary: 'open a page that shows stores, their credentials and what is wrong, as it changes',
  about:
    'Serves the page on 127.0.0.1 until Ctrl-C, and prints its URL, whose token lets nobody else in. The browser is opened ' +
    'with a code instead, which lets in once and within two minutes, as others of this machine may read commands. It shows ' +
    'what you may see, and changes nothing but by "verify", "refresh" and the cures of "doctor", which it shows before. ' +
    'Values of Secrets are never read. docs/ui.md says more.',
  options: [
    { flags: '--port <number>', about: 'port on 127.0.0.1 (default: any that is free)' },
    { flags: '--no-open', about: 'only print the URL, and open no browser' },
  ],
  examples: [
    { line: 'ui -A', about: 'everything that you may see' },
    {
      line: 'ui -n ml --no-open --port 8001',
      about: 'one namespace, for a browser behind "ssh -L 8001:127.0.0.1:8001"',
    },
  ],
  run: async invocation => (await import('../../ui/server/ui.ts')).ui(invocation),
}
