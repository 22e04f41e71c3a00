/** Pure: policies as documents for the APIs that take them. */
import type { Explained } from '../../providers/s3/needs/statements.ts'
import { escaped } from '../text/harmless.ts'

const documentOf = (statements: readonly Explained[]) => ({
  Version: '2012-10-17',
  Statement: statements.map(({ statement }) => statement),
})

/** On one line, with characters escaped that a terminal would obey. */
export const policyText = (statements: readonly Explained[]): string => escaped(JSON.stringify(documentOf(statements)))

/** What stands between the brackets of the list of statements. */
export const statementsText = (statements: readonly Explained[]): string =>
  escaped(statements.map(({ statement }) => JSON.stringify(statement)).join(','))

/** For people. */
export const policyLines = (statements: readonly Explained[]): string[] =>
  escaped(JSON.stringify(documentOf(statements), null, 2)).split('\n')
