/** The host that the code runs on: Node and what works like it (Bun, Deno), or a page and its workers. */

/**
 * True in Node, Bun and Deno. A page may have a `process`, too, which its bundler made: that one has no Node version.
 * Modules of Node are had by `process.getBuiltinModule()` behind this test, so that a bundler for pages meets none.
 */
export const inNode: boolean = typeof process !== 'undefined' && process.versions?.node !== undefined

/**
 * For the catch() of an `import('name')`: these packages are needed by a part of this one, and may not be there.
 * @throws an error that says what to install; any other error as it is.
 */
export const notInstalled =
  (name: string, purpose: string) =>
  (error: unknown): never => {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error
    throw new Error(`${purpose} needs the package ${name}, which is not installed here: npm install ${name}`)
  }
