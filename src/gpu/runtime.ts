/** The host that the code runs on: Node and what works like it (Bun, Deno), or a page and its workers. */

/**
 * True in Node, Bun and Deno. A page may have a `process`, too, which its bundler made: that one has no Node version.
 * Modules of Node are had by `process.getBuiltinModule()` behind this test, so that a bundler for pages meets none.
 */
export const inNode: boolean = typeof process !== 'undefined' && process.versions?.node !== undefined
