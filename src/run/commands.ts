/** Commands that messages name, as a shell takes them. */

/**
 * A path in a command: in quotation marks where a shell needs them. The shells of Windows share the double ones alone,
 * and a backslash before such a mark would take it away.
 */
export function quoted(path: string, system: string = process.platform): string {
  if (system === 'win32') return /^[\w.\\/+:-]+$/.test(path) ? path : `"${path.replace(/\\+$/, '$&$&')}"`
  return /^[\w./+@:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

/** The command that goes on with the run in a folder. */
export const resumeCommand = (dir: string, more = ''): string =>
  `npm run train -- --resume ${quoted(dir)}${more && ` ${more}`}`

/** The command that makes its report again. */
export const reportCommand = (dir: string): string => `npm run report -- ${quoted(dir)}`

/** The command that tests its model again, class by class. */
export const evaluateCommand = (dir: string): string => `npm run evaluate -- ${quoted(dir)}`

/** The command that runs it once more from the beginning. */
export const repeatCommand = (dir: string): string => `npm run train -- --repeat ${quoted(dir)}`
