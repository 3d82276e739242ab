/** Sets a variable of the environment. Returns what puts it back as it was: the whole run may be under that switch. */
export function setVariable(name: string, value: string): () => void {
  const before = process.env[name]
  process.env[name] = value
  return () => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
}
