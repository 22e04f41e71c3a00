/** Writes an answer in the form that was asked for. */
import type { Answer, GlobalOptions, View } from './command.ts'

/** The text of an answer for stdout. */
export async function textOfAnswer(answer: Answer, output: GlobalOptions['output'], view: View): Promise<string> {
  const form = output === undefined ? undefined : answer.forms?.[output]
  if (form) return form()
  if (output === 'name') return answer.names.map(name => `${name}\n`).join('')
  if (output !== undefined) {
    // YAML takes a while to load.
    const { asJson, asYaml } = await import('../text/data.ts')
    return output === 'json' ? asJson(answer.data) : asYaml(answer.data)
  }
  return answer
    .lines(view)
    .map(line => `${line}\n`)
    .join('')
}
