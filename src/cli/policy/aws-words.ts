/** Pure: commands of the AWS CLI. */
import { lineOf } from './holes.ts'

/** `region`: of the endpoint; undefined where it is the one that is set, or does not matter. */
export const awsWords = (
  region: string | undefined,
  service: string,
  call: string,
  words: readonly string[],
): string[] => ['aws', service, call, ...(region === undefined ? [] : [`--region=${region}`]), ...words]

/** With holes. */
export const awsLine = (region: string | undefined, service: string, call: string, words: readonly string[]): string =>
  lineOf(awsWords(region, service, call, words))
