/** Pure: the envelope of all data that the program prints, so that its readers can tell what it is. */

export const REPORT_VERSION = 'cli.artifactstore.dev/v1alpha1'

/** A report is data for programs. Members may be added; none is renamed or removed within a version. */
export const report = <T extends object>(kind: string, content: T): { apiVersion: string; kind: string } & T => ({
  apiVersion: REPORT_VERSION,
  kind,
  ...content,
})
