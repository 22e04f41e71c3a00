/** Argo CD's and Flux's own code as judges of objects, built once into the cache. */
import { execFile } from 'node:child_process'
import { goBuild } from './tools.ts'

export interface Question {
  /** The data of the ConfigMap argocd-cm. */
  argocd: Record<string, string>
  /** `healthCheckExprs` of a Kustomization of Flux. */
  flux: readonly object[]
  objects: readonly object[]
}

export interface Verdict {
  /** Argo CD's health, such as Progressing, and what it says of it. */
  argo: string
  message: string
  /** Actions by name, and the objects that each of them returns. */
  actions: Record<string, { disabled: boolean; displayName: string; results: object[] }>
  /** What Flux says: Current, InProgress or Failed; Unknown when an expression fails. */
  flux: string
  /** What Flux says without expressions. */
  kstatus: string
}

export const judgesBinary = (): Promise<string> => goBuild('gitops', "Argo CD's Lua and Flux's CEL, about 4 minutes")

/** Returns a verdict for each object, in their order. */
export async function judge(question: Question): Promise<Verdict[]> {
  const program = await judgesBinary()
  return new Promise((resolve, reject) => {
    const child = execFile(program, { maxBuffer: 64 * 2 ** 20 }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(JSON.stringify(question))
  })
}
