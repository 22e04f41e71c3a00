/** What the Dockerfile says of the image and of how it is built. */
import { readFileSync } from 'node:fs'
import { project } from './project.ts'

export interface Dockerfile {
  /** Files and folders of the repository that the build gets, each list with where it goes in the build. */
  readonly context: { sources: string[]; target: string }[]
  /** The folder in the image that `dist/` of the build becomes. */
  readonly folder: string
  /** `uid:gid`. */
  readonly user: string
  readonly env: Record<string, string>
  /** Node, its flags, and the program. */
  readonly entrypoint: string[]
}

export function readDockerfile(): Dockerfile {
  const text = readFileSync(project('Dockerfile'), 'utf8')
  const argument = (instruction: string): string => {
    const found = new RegExp(`^${instruction} (.+)$`, 'm').exec(text)?.[1]
    if (!found) throw new Error(`the Dockerfile has no ${instruction}`)
    return found
  }
  const context = [...text.matchAll(/^COPY (?!--)(.+) (\S+)$/gm)].map(([, sources = '', target = '']) => ({
    sources: sources.split(' '),
    target,
  }))
  return {
    context,
    // Looked for when it is asked for: older commits have none, and are measured all the same.
    get folder() {
      return argument('COPY --from=build /src/dist')
    },
    user: argument('USER'),
    env: Object.fromEntries(
      argument('ENV')
        .split(' ')
        .map(pair => pair.split('=') as [string, string]),
    ),
    entrypoint: JSON.parse(argument('ENTRYPOINT')),
  }
}
