/**
 * The parts of highlight.js that are used here, for all of its modules (tsconfig.json). Its own types bring those of
 * browsers along, which then contradict Node's everywhere.
 */
interface Highlighter {
  registerLanguage(name: string, language: Highlighter): void
  getLanguage(name: string): object | undefined
  /** The value is HTML. */
  highlight(code: string, options: { language: string }): { value: string }
}
declare const module: Highlighter
export default module
