/** Pure: the part of the contract between the page and its server that is about findings and their cures. */

/** The findings of `doctor`, root causes first, then cautions. */
export interface Trouble {
  findings: Finding[]
  notes: string[]
}

/** An object of the cluster, or the installation itself. */
export interface Subject {
  kind: 'connector' | 'store' | 'installation'
  /** Empty where it has none. */
  namespace: string
  name: string
}

export interface Finding extends Subject {
  /** The same while the finding is. */
  id: string
  reason: string
  message: string
  /** It works, and this is only to be known. */
  isCaution: boolean
  /** Other objects that are not well because of this. */
  explains: Subject[]
  /** The best one first; each is enough. */
  cures: FindingCure[]
  /** Document with more about it: `docs/aws-troubleshooting.md`. */
  document?: string
}

export interface FindingCure {
  /** Cluster: the commands cure it. Outside: somebody must act at the cloud, or decide. None: nobody needs to act. */
  place: 'cluster' | 'outside' | 'none'
  /** What it is: a sentence without its full stop. */
  words: string
  /** Run as they are by a POSIX shell, in this order. */
  commands: string[]
  /** What must be there before: variables of the environment, and files. */
  needs: string[]
  /** Present where the server can run it, as `doctor --fix` does. */
  run?: { id: string }
}

/** A line of YAML that is added, goes, or is around such lines. */
export interface DiffLine {
  sign: '+' | '-' | ' '
  text: string
}

export interface CurePreview {
  id: string
  words: string
  /** As they are run. */
  commands: string[]
  /** Of each object that changes: `ArtifactStore ml/models`, and its lines. */
  objects: { what: string; lines: DiffLine[] }[]
  /** Of what is shown here: goes into the request. */
  digest: string
}

/** Runs what was shown. Is refused with `Changed` where the cure is another one by now. */
export interface CureRequest {
  digest: string
}

export interface CureOutcome {
  /** Late: not Ready in time. */
  result: 'Done' | 'Failed' | 'Late'
  detail: string
}
