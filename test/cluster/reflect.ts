/**
 * A polyfill of Reflect for tsyringe, which @peculiar/x509 loads and which refuses to load without one. Nothing here
 * injects by metadata, so the answer "there is none" is enough. Import this file first.
 */
if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: () => undefined,
    getOwnMetadata: () => undefined,
    defineMetadata: () => undefined,
  })
}
