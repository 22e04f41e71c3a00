/**
 * Pure: the version of the API with which the SDK calls, and asks for delegation keys. It decides which fields of a SAS
 * token are signed, and in which order, so that no older one can simply be asked for.
 */
export const API_VERSION = '2026-04-06'
