/** Pure: the manifest by which krew, kubectl's manager of plugins, installs the command line. */

interface Archive {
  version: string
  /** Name of the archive, and its digest. */
  file: string
  sha256: string
}

const HOME = 'https://github.com/artifactstore/artifact-store-operator'

export const krewManifest = ({
  version,
  file,
  sha256,
}: Archive): string => `# Not in krew's index yet. To try it: kubectl krew install --manifest=artifactstore.yaml --archive=${file}
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: artifactstore
spec:
  version: v${version}
  homepage: ${HOME}
  shortDescription: See and mend artifact stores and their credentials
  description: |
    Shows connectors, stores and Secrets of the artifact-store-operator, what their identities may really do, and
    when credentials end, with your own rights. Asks for new looks and new credentials, and waits for them.
  caveats: |
    It needs Node 22.21 or newer on PATH. On Windows, install it without krew: docs/cli.md says how.
  platforms:
    - selector:
        matchExpressions:
          - { key: os, operator: In, values: [linux, darwin] }
      uri: ${HOME}/releases/download/v${version}/${file}
      sha256: ${sha256}
      bin: kubectl-artifactstore.mjs
`
