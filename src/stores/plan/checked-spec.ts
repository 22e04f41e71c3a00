/** Pure: the checked spec of a store. */
import { parseArtifactStoreSpec } from '../../api/artifact-store.ts'
import { rememberedLately } from '../../async/remembered.ts'

/** A reconcile asks for the same spec four times. There are hardly more reconciles at once. */
const SPECS_MAX = 256

/** Returns the spec as the API server should have let it in, or a Failure `InvalidSpec`. Nobody may change either. */
export const checkedSpec = rememberedLately(parseArtifactStoreSpec, SPECS_MAX)
