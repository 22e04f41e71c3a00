/** What several formats say in the same words. */

/** Key of the PEM roots of a private CA. */
export const CA_KEY = 'ca.crt'
