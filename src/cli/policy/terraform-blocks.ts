/** Pure: blocks of Terraform, before they are written. */

export interface Block {
  block: 'resource' | 'data'
  type: string
  name: string
  /** Texts may have holes: names of variables, or expressions with a dot in them. */
  body: Record<string, string | string[]>
  /** Account of AWS that it is of. */
  account?: string
}

export interface Variable {
  type: string
  description: string
  default?: boolean
}

export interface Blocks {
  blocks: Block[]
  locals: Record<string, string>
  /** Besides those of holes. */
  variables: Record<string, Variable>
}
