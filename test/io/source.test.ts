/** .safetensors files from addresses, Blobs and bytes, and what is said of those that are none, cut off or damaged. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { persistent, release } from '../../src/engine/transfer.ts'
import { readTensors, saveTensors } from '../../src/io/checkpoint.ts'
import { encodeSafetensors } from '../../src/io/safetensors.ts'
import { type FileSource, loadSafetensors } from '../../src/io/source.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-source-'))
const path = join(dir, 'model.safetensors')
const x = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i))
let bytes: Uint8Array<ArrayBuffer>
let server: Server
let at: string

const PAGE = '<!DOCTYPE html><html><head><title>Log in</title></head><body>please</body></html>'
const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n'
const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/model.safetensors': r => r.end(bytes),
  '/chunked': r => {
    r.write(bytes.subarray(0, 100))
    r.end(bytes.subarray(100))
  },
  '/gone': r => r.writeHead(410, 'Gone').end(PAGE),
  '/page': r => r.writeHead(200, { 'content-type': 'text/html' }).end(`\n ${PAGE}`),
  '/pointer': r => r.end(POINTER),
  '/short': r => r.end(bytes.subarray(0, 2000)),
  '/cut': r => {
    r.writeHead(200, { 'content-length': bytes.length })
    r.write(bytes.subarray(0, 2000), () => setTimeout(() => r.destroy(), 50))
  },
  '/cut-chunked': r => r.write(bytes.subarray(0, 2000), () => setTimeout(() => r.destroy(), 50)),
  '/hung-up': r => r.destroy(),
}

const t = suite('io/source')

t.before(async () => {
  const tensors = new Map([['x', persistent([10, 100], x)]])
  await saveTensors(path, tensors, { who: 'a test' })
  for (const old of tensors.values()) release(old)
  bytes = Uint8Array.from(readFileSync(path))
  server = createServer(({ url }, response) => (ANSWERS[url!] ?? (r => r.writeHead(404).end()))(response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
t.after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(dir, { recursive: true })
})

/** The error of loading a source. */
const errorOf = (source: unknown): Promise<string> =>
  loadSafetensors(source as FileSource).then(
    () => 'no error',
    (e: Error) => e.message,
  )

t('the same file, from wherever it comes', async () => {
  const { tensors, metadata } = await readTensors(path)
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  const sources: readonly [FileSource, string][] = [
    [`${at}/model.safetensors`, `${at}/model.safetensors`],
    [new URL(`${at}/chunked`), `${at}/chunked`],
    [`data:;base64,${Buffer.from(bytes).toString('base64')}`, 'data:'],
    [new File([bytes], 'mine.safetensors'), 'mine.safetensors'],
    [new Blob([bytes]), 'the Blob that was given'],
    [bytes.buffer, 'the ArrayBuffer that was given'],
    [bytes, 'the Uint8Array that was given'],
    [shifted.subarray(3), 'the Uint8Array that was given'],
    [shared, 'the Uint8Array that was given'],
    [Buffer.from(bytes), 'the Uint8Array that was given'],
  ]
  const url = URL.createObjectURL(new Blob([bytes]))
  for (const [source, name] of [...sources, [url, url] as const]) {
    const found = await loadSafetensors(source)
    assert.ok(found.file!.startsWith(name), `${found.file} is not ${name}`)
    assert.equal(found.tensors, tensors, name)
    assert.equal(found.metadata, metadata, name)
  }
  URL.revokeObjectURL(url)
})

t('what does not come, or comes as something else, is named with its source', async () => {
  const wanted: readonly [unknown, RegExp][] = [
    [`${at}/gone`, /\/gone cannot be fetched: the server answers 410 Gone$/],
    [`${at}/nowhere`, /\/nowhere cannot be fetched: the server answers 404 Not Found$/],
    [`${at}/page`, /\/page is not a \.safetensors file: it is an HTML page, .* see if the address is right$/],
    [`${at}/pointer`, /\/pointer is not a \.safetensors file: it is a pointer of Git LFS/],
    [`${at}/short`, /\/short is not a valid \.safetensors file: its tensors end at byte \d+, .*: it is cut short$/],
    [`${at}/hung-up`, /\/hung-up cannot be fetched \(.+\)$/],
    ['http://127.0.0.1:1/m', /^http:\/\/127\.0\.0\.1:1\/m cannot be fetched \(.+\)$/],
    ['model.safetensors', /^model\.safetensors cannot be fetched \(.+\); a file on disk is read by readModel\(file\)$/],
    [new Blob([PAGE]), /^the Blob that was given is not a \.safetensors file: it is an HTML page/],
    [new File([`\ufeff${PAGE}`], 'a\u001b[2J.html'), /^a\\u001b\[2J\.html is not a \.safetensors file: it is an HTML/],
    [new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0]), /it is a zip archive, as torch\.save\(\) writes them/],
    [new Uint8Array(3), /^the Uint8Array that was given is not a valid \.safetensors file: it has 3 bytes/],
    [new ArrayBuffer(0), /^the ArrayBuffer that was given is not a valid/],
    [new Float32Array(4), /^a file is loaded from an address, a URL, a Blob, .*, found Float32Array$/],
    [undefined, /found Undefined$/],
  ]
  for (const [source, message] of wanted) assert.match(await errorOf(source), message)
  if (!('deno' in process.versions)) assert.match(await errorOf(pathToFileURL(path)), /read by readModel\(file\)$/)
})

t('a download that is cut off is told as that', async () => {
  const total = bytes.length
  assert.match(
    await errorOf(`${at}/cut`),
    new RegExp(`/cut: the download of ${total} bytes was cut off .*Load it again`),
  )
  assert.match(await errorOf(`${at}/cut-chunked`), /\/cut-chunked: the download was cut off \(.+\)\. Load it again$/)
  // Some hosts say nothing of what is missing.
  const { fetch } = globalThis
  const answer = (length: number) => async () =>
    new Response(bytes.slice(0, length), { headers: { 'content-length': `${total}` } })
  try {
    globalThis.fetch = answer(1500)
    assert.is(await errorOf('m'), `m: the download was cut off: 1500 of ${total} bytes came. Load it again`)
    globalThis.fetch = answer(5)
    assert.is(await errorOf('m'), `m: the download was cut off: 5 of ${total} bytes came. Load it again`)
    // A length of compressed bytes may be any: a whole file is a whole file.
    const headers = { 'content-length': `${total + 9}`, 'content-encoding': 'gzip' }
    globalThis.fetch = async () => new Response(bytes, { headers })
    assert.is(await errorOf('m'), 'no error')
  } finally {
    globalThis.fetch = fetch
  }
})

t('the checksum is verified: each byte counts', async () => {
  const text = Buffer.from(bytes).toString('latin1')
  for (const place of [text.indexOf('a test'), text.indexOf('"sha256":"') + 12, bytes.length - 3]) {
    const damaged = bytes.slice()
    damaged[place]! ^= 1
    assert.match(await errorOf(damaged), /^the Uint8Array that was given is damaged: its bytes are not those/)
  }
  const without = encodeSafetensors(new Map([['x', { shape: [4], data: x.slice(0, 4) }]]))
  assert.equal((await loadSafetensors(without)).tensors.get('x')!.data, x.slice(0, 4))
})

t.run()
