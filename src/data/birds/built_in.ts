/** The built-in birds on disk: drawn when they are first asked for, kept for the next time. */
export async function builtInBirds(): Promise<string> { throw new Error('pending') }
