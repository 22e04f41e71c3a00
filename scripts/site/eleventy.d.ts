/** The parts of Eleventy that are used here: the package has no types of its own. */
declare module '@11ty/eleventy' {
  export interface Config {
    addGlobalData(name: string, value: unknown): void
    /** A template that is no file. */
    addTemplate(path: string, content: string, data: object): void
    /** Files to copy: from the root of the repository, into the output. */
    addPassthroughCopy(paths: Record<string, string>): void
    /** Relative to the folder of input; layouts are looked for there. */
    setIncludesDirectory(path: string): void
    setTemplateFormats(formats: string[]): void
  }
  export default class Eleventy {
    constructor(input: string, output: string, options: { config(config: Config): void; configPath?: string })
    /** Faults are thrown, too. */
    disableLogger(): void
    write(): Promise<unknown>
  }
}
