/** The real actionlint, built once into the cache, for `make test-operate`. */
import { goInstall } from './tools.ts'

export function actionlintBinary(): Promise<string> {
  return goInstall('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12', 'about 1 minute')
}
