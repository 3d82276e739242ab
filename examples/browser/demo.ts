/**
 * Builds the page and serves it on this machine.
 *
 *     npm run demo                     # prints the address
 *     npm run demo -- --port 8080
 *     npm run demo -- --build          # only builds: examples/browser/site goes to any web server
 */
import { parseArgs } from 'node:util'
import { buildSite } from './build.ts'
import { serve } from './serve.ts'

try {
  const { values } = parseArgs({
    options: { build: { type: 'boolean', default: false }, port: { type: 'string', default: '5173' } },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port takes a number from 0 to 65535, found ${values.port}`)
  const site = await buildSite()
  if (values.build) console.log(`built: ${site}`)
  else {
    const { url } = await serve(site, port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      throw new Error(`port ${port} is taken: npm run demo -- --port ${port + 1}`)
    })
    console.log(`the page: ${url}    (Ctrl-C ends)`)
  }
} catch (error) {
  console.error(`error: ${(error as Error).message}`)
  process.exitCode = 1
}
