/** Apache Hadoop. The other tests do not need Java, so those of Hadoop are skipped on machines without it. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cached } from './cache.ts'
import { findProgram, run } from './tools.ts'

const source = join(import.meta.dirname, 'hadoop')
const main = 'HadoopClient'
const needsJava =
  'Java 17 or newer and Maven, with a repository that it can reach, are needed for the tests of Hadoop: ' +
  'these are skipped when PATH has neither.'

/** The reason why Hadoop can't run on this machine; undefined when it can. */
export function whyNoHadoop(): string | undefined {
  const absent = ['java', 'javac', 'mvn'].filter(name => !findProgram(name))
  if (absent.length === 0) return undefined
  return `the tests of Hadoop need Java 17 and Maven, and are skipped: PATH has no ${absent.join(', ')}`
}

/** Arguments for `java` to run `hadoop/HadoopClient.java` with the settings in the directory `configuration`. */
export async function hadoopArguments(configuration: string): Promise<string[]> {
  const classes = dirname(await hadoopClasses())
  return ['-cp', [configuration, classes, join(classes, 'lib/*')].join(':'), main]
}

/** The path of the client's class; all libraries that it needs are in `lib` in the same directory. */
export async function hadoopClasses(): Promise<string> {
  const [pom, client] = [join(source, 'pom.xml'), join(source, `${main}.java`)]
  return cached({
    name: 'hadoop',
    inputs: await Promise.all([pom, client].map(file => readFile(file, 'utf8'))),
    proof: `${main}.class`,
    announcement: 'installing Hadoop, about a minute the first time',
    async build(directory) {
      const lib = join(directory, 'lib')
      await run(
        'mvn',
        ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`],
        {},
        needsJava,
      )
      await run('javac', ['-d', directory, '-cp', `${lib}/*`, client], {}, needsJava)
    },
  })
}
