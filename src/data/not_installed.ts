/** Packages that only a part of this one needs. */

/**
 * For the catch() of an `import('name')`.
 * @throws an error that says what needs the package and how to install it; any other error as it is.
 */
export const notInstalled =
  (name: string, purpose: string) =>
  (error: Error): never => {
    if (!new RegExp(`(?:cannot find (?:package|module)|import) ['"]?${name}['"]?`, 'i').test(error.message)) throw error
    throw new Error(`${purpose} needs the package ${name}: install it by \`npm install ${name}\``, { cause: error })
  }
