/** A Secret as files in a directory, as the kubelet writes it: keys link by `..data`, which is swapped in one step. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'

export class MountedSecret {
  readonly path: string
  #keys: string[] = []

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true })
  }

  /** Writes values in plain text. Readers find all the old ones or all the new ones, never some of both. */
  update(values: Record<string, string>): void {
    const version = mkdtempSync(join(this.path, '..version-'))
    for (const [key, value] of Object.entries(values)) writeFileSync(join(version, key), value, { mode: 0o600 })
    const current = join(this.path, '..data')
    const previous = existsSync(current) ? readlinkSync(current) : undefined
    symlinkSync(basename(version), `${current}_tmp`)
    renameSync(`${current}_tmp`, current)
    for (const key of Object.keys(values)) {
      if (!this.#keys.includes(key)) symlinkSync(join('..data', key), join(this.path, key))
    }
    for (const key of this.#keys) if (!(key in values)) rmSync(join(this.path, key))
    this.#keys = Object.keys(values)
    if (previous) rmSync(join(this.path, previous), { recursive: true })
  }
}

/** The values of a Secret in plain text. */
export const plainText = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))

/** The values of a Secret that `envFrom` gives to a container with any version of the kubelet. */
export const variablesOf = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => /^[A-Za-z_]\w*$/.test(key)))
