/** The terminal: left in order however the process ends, and not needed for the process to go on. */

/**
 * Lets the process outlive its terminal. Output that nobody can take any more (a closed pipe, a terminal that is gone,
 * a full disk behind `>`) is dropped: what has been computed is worth more. Node takes no notice of nohup, so without a
 * terminal a hangup is ignored here.
 */
export function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  if (!process.stdout.isTTY) process.on('SIGHUP', () => {})
}

/** Shows the cursor and wraps lines again, as a bar that was cut off has left undone. */
export function restoreTerminal(): void {
  if (process.stderr.isTTY) process.stderr.write('\x1b[?25h\x1b[?7h')
}
