/** A Secret as files in a directory, replaced the way the kubelet does it: all at once, behind one symbolic link. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export class SecretVolume {
  readonly path: string
  #version = 0

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true })
  }

  /** Values as Secrets carry them: base64. */
  update(data: Record<string, string>): void {
    const version = `..version-${++this.#version}`
    mkdirSync(join(this.path, version))
    for (const [key, value] of Object.entries(data)) {
      writeFileSync(join(this.path, version, key), Buffer.from(value, 'base64'), { mode: 0o600 })
    }
    symlinkSync(version, join(this.path, '..data.new'))
    renameSync(join(this.path, '..data.new'), join(this.path, '..data'))
    for (const key of Object.keys(data)) {
      rmSync(join(this.path, key), { force: true })
      symlinkSync(join('..data', key), join(this.path, key))
    }
    rmSync(join(this.path, `..version-${this.#version - 1}`), { recursive: true, force: true })
  }
}
