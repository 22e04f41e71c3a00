/**
 * @peculiar/x509 loads tsyringe, which refuses to load without a Reflect polyfill. Nothing
 * here injects by metadata, so answering "there is none" is enough. Import it first.
 */
if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: () => undefined,
    getOwnMetadata: () => undefined,
    defineMetadata: () => undefined,
  })
}
