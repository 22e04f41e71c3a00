/** Pure: ids of Entra. */

const DIRECTORY_ID = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/

/** Ids of clients and tenants are GUIDs, and a tenant's may also be a domain. Both become parts of URLs. */
export const isDirectoryId = (text: string): boolean => DIRECTORY_ID.test(text)
