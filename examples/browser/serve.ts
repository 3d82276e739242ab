/** A web server for a folder of files, for this machine only: WebGPU works on localhost without a certificate. */
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.wgsl': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.safetensors': 'application/octet-stream',
}

/** The file that a path of an address names inside a folder; undefined where there is none. */
export function fileOf(folder: string, path: string): string | undefined {
  let name: string
  try {
    name = normalize(decodeURIComponent(path.split(/[?#]/)[0]!))
  } catch {
    return undefined // %-signs that are none
  }
  const file = join(folder, name)
  if (name.includes('\0') || !`${file}${sep}`.startsWith(normalize(`${folder}${sep}`))) return undefined
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isDirectory()) return fileOf(folder, `${name}/index.html`)
  return found?.isFile() ? file : undefined
}

/** A running server: its address, and how it ends. */
export interface Server {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves a folder on localhost.
 * @param port 0 takes any that is free.
 * @throws where the port is taken.
 */
export async function serve(folder: string, port = 0): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const file = fileOf(folder, path)
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is no such file.\n')
      return
    }
    const isFolder = statSync(join(folder, path.split(/[?#]/)[0]!), { throwIfNoEntry: false })?.isDirectory()
    if (isFolder && !/\/(?:$|[?#])/.test(path)) {
      response.writeHead(301, { location: `${path.split(/[?#]/)[0]}/` }).end() // relative addresses need the slash
      return
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
    })
    if (request.method === 'HEAD') response.end()
    else createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
