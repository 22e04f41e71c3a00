import type { Answer } from '../../../src/providers/s3/answers/answer.ts'
import type { ProbeKey, Versioning } from '../../../src/providers/s3/calls/call.ts'
import type { PermissionCalls } from '../../../src/providers/s3/calls/permission-calls.ts'
import type { ProbeCalls, Written } from '../../../src/providers/s3/calls/probe-calls.ts'

/** A bucket like one of AWS: where there are versions, the deletion of an absent object leaves a marker. */
export class FakeBucket implements ProbeCalls, PermissionCalls {
  readonly calls: string[] = []
  readonly denied = new Set<string>()
  /** Versions of objects, each as `key version`. */
  versions: string[] = []
  uploads: string[] = []
  objects: string[] = []
  /** Answers 403 for an absent object, as Ceph did to identities that may only list a prefix. */
  hidesAbsent = false
  mode: Versioning = 'Disabled'
  /** Knows deletions with a condition, as AWS does. */
  conditions = true
  checksDigests = true
  /** What answers to writes say of encryption. */
  echo: Pick<Written, 'encryption'> = {}
  /** There is no such bucket. A write would create it, as SeaweedFS does for its administrators. */
  absent = false
  /** Keeps what is put from deletion. */
  locked = false
  readonly #kept = new Set<string>()
  onCall: (operation: string) => void = () => undefined
  #next = 1

  async #call<T>(operation: string, signal: AbortSignal | undefined, run: () => Answer<T>): Promise<Answer<T>> {
    this.calls.push(operation)
    this.onCall(operation)
    await Promise.resolve()
    signal?.throwIfAborted()
    if (this.denied.has(operation)) return { status: 403, code: 'AccessDenied' }
    if (this.absent && /^(create|put)/.test(operation)) this.absent = false
    return this.absent ? { status: 404, ...(/^head/.test(operation) ? {} : { code: 'NoSuchBucket' }) } : run()
  }

  listBuckets = () => this.#call('listBuckets', undefined, () => ({ status: 200, value: { buckets: [] } }))
  location = () => this.#call('location', undefined, () => ({ status: 200 }))
  headBucket = () => this.#call<{ region?: string }>('headBucket', undefined, () => ({ status: 200, value: {} }))
  headVersion = () => this.#call('headVersion', undefined, () => ({ status: 404 }))
  listParts = () => this.#call('listParts', undefined, () => ({ status: 404, code: 'NoSuchUpload' }))
  getAcl = () => this.#call('getAcl', undefined, () => ({ status: 404, code: 'NoSuchKey' }))
  putAcl = () => this.#call('putAcl', undefined, () => ({ status: 404, code: 'NoSuchKey' }))
  listObjects = (_bucket: string, _prefix: string, signal: AbortSignal) =>
    this.#call<string | undefined>('listObjects', signal, () => {
      const [value] = this.objects
      return { status: 200, ...(value === undefined ? {} : { value }) }
    })
  headObject = ({ key }: ProbeKey, signal: AbortSignal) =>
    this.#call('headObject', signal, () =>
      this.objects.includes(key) ? { status: 200 } : { status: this.hidesAbsent ? 403 : 404 },
    )
  versioning = (_bucket: string, signal?: AbortSignal) =>
    this.#call('versioning', signal, () => ({ status: 200, value: this.mode }))
  listVersions = ({ key }: ProbeKey, signal: AbortSignal) =>
    this.#call('listVersions', signal, () => ({
      status: 200,
      value: this.versions.filter(version => version.startsWith(`${key} `)).map(version => version.split(' ')[1] ?? ''),
    }))
  listUploads = (_key: ProbeKey, signal?: AbortSignal) =>
    this.#call('listUploads', signal, () => ({ status: 200, value: [...this.uploads] }))
  createUpload = () =>
    this.#call('createUpload', undefined, () => {
      const id = `upload-${this.#next++}`
      this.uploads.push(id)
      return { status: 200, value: { id, ...this.echo } }
    })
  abortUpload = (_key: ProbeKey, id: string, signal: AbortSignal) =>
    this.#call('abortUpload', signal, () => {
      const found = this.uploads.includes(id)
      this.uploads = this.uploads.filter(upload => upload !== id)
      return found ? { status: 204 } : { status: 404, code: 'NoSuchUpload' }
    })
  putObject = ({ key }: ProbeKey, _encryption: object, options?: { contentMd5: string }) =>
    this.#call<Written>('putObject', undefined, () => {
      if (options && this.checksDigests) return { status: 400, code: 'BadDigest' }
      const id = this.#add(key)
      if (id && this.locked) this.#kept.add(id)
      return { status: 200, value: { ...(id ? { id } : {}), ...this.echo } }
    })
  deleteObject = ({ key }: ProbeKey, options?: { ifMatch?: string }) =>
    this.#call<string | undefined>(options?.ifMatch ? 'deleteObject if-match' : 'deleteObject', undefined, () => {
      const exists = this.versions.some(version => version.startsWith(`${key} `))
      if (options?.ifMatch && this.conditions && !exists) return { status: 412, code: 'PreconditionFailed' }
      if (this.mode !== 'Disabled') return { status: 204, value: this.#add(key) }
      this.versions = this.versions.filter(version => version !== `${key} null`)
      return { status: 204 }
    })
  deleteVersion = ({ key }: ProbeKey, id: string, signal: AbortSignal) =>
    this.#call('deleteVersion', signal, () => {
      if (this.#kept.has(id)) return { status: 400, code: 'InvalidRequest' }
      this.versions = this.versions.filter(version => version !== `${key} ${id}`)
      return { status: 204 }
    })

  #add(key: string): string | undefined {
    const id = this.mode === 'Disabled' ? 'null' : `v${this.#next++}`
    this.versions.push(`${key} ${id}`)
    return this.mode === 'Disabled' ? undefined : id
  }

  get traces(): string[] {
    return [...this.versions, ...this.uploads]
  }
}
