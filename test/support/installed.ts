/**
 * The package as a user has it: built, packed by npm, and installed into a project that holds nothing else. And the
 * tools that judge it, which only these tests need: they have a package.json of their own, test/package/tools.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const TOOLS = join(root, 'test/package/tools')
const CONSUMER = join(root, 'test/package/consumer')

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program in a folder, without the TypeScript loader of this process. Outside of the repository its caches are
 * there, too.
 */
export function run(cwd: string, program: string, ...args: string[]): Ran {
  // Some tools colour what they say where CI is set, and the tests read it.
  const { NODE_OPTIONS: _, FORCE_COLOR: __, ...inherited }: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' }
  const env = { ...inherited, ...(cwd.startsWith(root) ? {} : { XDG_CACHE_HOME: join(cwd, 'cache') }) }
  const onWindows = process.platform === 'win32' && program === 'npm'
  return spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26, shell: onWindows })
}

/** The same. @throws with all that it said, where it fails. */
export function mustRun(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(cwd, program, ...args)
  if (status === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} failed (exit code ${status}):\n${stdout}\n${stderr}`)
}

const npm = (cwd: string, ...args: string[]): string =>
  mustRun(cwd, 'npm', ...args, '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier')
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>

/** Installs the tools where they are not, or are of another version. @throws where npm cannot. */
function installTools(): void {
  const wanted = readJson(join(TOOLS, 'package-lock.json')).packages as unknown as Record<string, { version: string }>
  const there = ([name]: [string, string]): boolean => {
    const file = join(TOOLS, 'node_modules', name, 'package.json')
    return existsSync(file) && String(readJson(file).version) === wanted[`node_modules/${name}`]!.version
  }
  if (Object.entries(readJson(join(TOOLS, 'package.json')).dependencies!).every(there)) return
  console.log('installing the tools of these tests into test/package/tools/node_modules (100 MB) ...')
  npm(TOOLS, 'ci')
}

/** The packed package, and a project with it. */
export interface Installed {
  readonly tarball: string
  /** Bytes of the tarball. */
  readonly bytes: number
  /** Paths in it. */
  readonly files: readonly string[]
  /** A project into which it is installed alone, with the programs of test/package/consumer beside it. */
  readonly project: string
}

let installed: Installed | undefined

/** Builds, packs and installs, once in a process. @throws where one of these fails. */
export function install(): Installed {
  if (installed) return installed
  installTools()
  mustRun(root, process.execPath, 'setup.mjs', 'src/package/build.ts')
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'tasn-webgpu-package-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  type Packed = { filename: string; size: number; files: { path: string }[] }
  const packed = npm(root, 'pack', join(root, 'dist'), '--pack-destination', folder, '--json')
  const [{ filename, size, files }] = JSON.parse(packed) as [Packed]
  const tarball = join(folder, filename)
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  npm(project, 'install', tarball)
  cpSync(CONSUMER, project, { recursive: true })
  installed = { tarball, bytes: size, files: files.map(({ path }) => path), project }
  return installed
}

/** Adds packages of the project's own versions to the project. */
export function add(project: string, ...names: string[]): void {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'))
  const versions: Record<string, string> = { ...dependencies, ...devDependencies }
  npm(project, 'install', ...names.map(name => `${name}@${versions[name]}`))
}

let losses: readonly number[] | undefined

/** What the program that trains prints here, where `tasn-webgpu` is the sources: computed once in a process. */
export function lossesOfSources(): readonly number[] {
  const program = ['--import', 'tsx', 'test/package/consumer/train.js']
  losses ??= JSON.parse(mustRun(root, process.execPath, ...program)) as number[]
  return losses
}
