// Set-up: makes a fresh clone ready to run. package.json calls it before each command.
//
//   1. Node is 20.19 or newer
//   2. the packages of package-lock.json are in node_modules            otherwise: npm ci
//   3. Dawn (the `webgpu` package) finds an adapter to compute on       otherwise, on Linux: a software Vulkan driver
//   4. for tests in a browser only: Chromium and that driver            otherwise, on Linux: both
//
// `node setup.mjs SCRIPT ARGUMENTS` then runs a TypeScript program in this very process: nothing stands between npm and
// the program to swallow a signal or an exit code.
//
// It says what it is about to install and prints nothing when there is nothing to do. What was found is remembered
// in node_modules/.setup.json, so that a repeat costs milliseconds. Nothing is installed when this file starts: it
// uses only what Node brings. The functions up to `run` are pure and tested in test/setup.test.ts.

import { spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))
const stampFile = join(root, 'node_modules', '.setup.json')
const backportsFile = '/etc/apt/sources.list.d/tasn-webgpu-backports.sources'

/** An expected failure: printed as it is, without a stack trace. */
class Problem extends Error {}

export function nodeIsOld(version) {
  const [major, minor] = version.replace('v', '').split('.').map(Number)
  return major < 20 || (major === 20 && minor < 19)
}

/**
 * The packages that package-lock.json asks for on this machine, and that npm has not installed
 * (node_modules/.package-lock.json), as `name version`. With `dev` those for working on the project count, too.
 */
export function missingPackages(wanted, installed, { platform, arch, dev }) {
  const here = p => p.os?.includes(platform) && p.cpu?.includes(arch) && !p.libc?.includes('musl')
  const needed = p => (dev || !p.dev) && (!p.optional || here(p))
  return Object.entries(wanted.packages)
    .filter(([path, want]) => {
      const have = installed.packages[path]
      return path !== '' && (have ? have.version !== want.version : needed(want))
    })
    .map(([path, { version }]) => `${path.replace(/.*node_modules\//, '')} ${version}`)
}

/** KEY=value lines, such as /etc/os-release. */
export function parseRelease(text) {
  return Object.fromEntries([...text.matchAll(/^(\w+)=["']?(.*?)["']?$/gm)].map(([, key, value]) => [key, value]))
}

/** The enabled `deb` entries of one apt sources file: paragraphs of fields (deb822), or one line an entry. */
export function parseSources(text) {
  const words = value => (value ?? '').split(/\s+/).filter(Boolean)
  if (!/^Types:/im.test(text)) {
    return [...text.matchAll(/^[ \t]*deb[ \t]+(?:\[(.*?)\][ \t]+)?(\S+:\S+)[ \t]+(\S+)([^#\n]*)/gm)].map(
      ([, options, uri, suite, components]) => {
        const pairs = words(options).map(option => option.split(/=(.*)/))
        const fields = pairs.map(([key, value]) => [key === 'arch' ? 'architectures' : key, value.replaceAll(',', ' ')])
        return { uris: [uri], suites: [suite], components: words(components), options: Object.fromEntries(fields) }
      },
    )
  }
  return text
    .replace(/^#.*\n/gm, '')
    .split(/\n\s*\n/)
    .map(paragraph => {
      const found = [...paragraph.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)]
      return Object.fromEntries(found.map(([, key, value]) => [key.toLowerCase(), value.trimEnd()]))
    })
    .filter(fields => words(fields.types).includes('deb') && !/^(no|false|off|0)$/i.test(fields.enabled ?? ''))
    .map(({ types, uris, suites, components, enabled, ...options }) => ({
      uris: words(uris),
      suites: words(suites),
      components: words(components),
      options,
    }))
}

/** Debian 12's backports from the mirror its own packages come from: { present } or { entry }, a deb822 paragraph. */
export function backports(sources) {
  const of = suite => sources.filter(source => source.suites.includes(suite))
  if (of('bookworm-backports').length) return { present: true }
  // other vendors' archives have a suite `bookworm` too: Debian's own has bookworm-updates beside it, or Debian's key
  const updates = of('bookworm-updates').flatMap(source => source.uris)
  const likeness = ({ uris, options }) =>
    2 * uris.some(uri => updates.includes(uri)) + /debian-archive/.test(options['signed-by'])
  const main = of('bookworm').filter(source => source.components.includes('main'))
  const [base] = main.sort((a, b) => likeness(b) - likeness(a))
  if (!base) return {}
  const title = key => key.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase())
  const options = Object.entries(base.options).map(([key, value]) => `${title(key)}: ${value}`)
  const fields = [
    'Types: deb',
    `URIs: ${base.uris.join(' ')}`,
    'Suites: bookworm-backports',
    'Components: main',
    ...options,
  ]
  return { entry: fields.join('\n') }
}

const idsOf = release => [release.ID, ...(release.ID_LIKE ?? '').split(' ')]

/** The program that installs packages on this Linux; undefined where we have no recipe. */
function managerOf(release) {
  const ids = idsOf(release)
  if (ids.includes('fedora') || ids.includes('rhel')) return 'dnf'
  if (ids.includes('arch')) return 'pacman'
  return ids.includes('debian') || ids.includes('ubuntu') ? 'apt' : undefined
}

const apt = 'env DEBIAN_FRONTEND=noninteractive apt-get'
const COMMANDS = {
  dnf: names => [`dnf install -y ${names}`],
  pacman: names => [`pacman -S --needed --noconfirm ${names}`],
  apt: names => [`${apt} update`, `${apt} install -y --no-install-recommends -o DPkg::Lock::Timeout=120 ${names}`],
}
const DRIVER = {
  dnf: 'mesa-vulkan-drivers vulkan-loader',
  pacman: 'vulkan-swrast vulkan-icd-loader',
  apt: 'mesa-vulkan-drivers libvulkan1',
}

/** How packages are installed, called after the first of them: { what, commands } for a shell. */
const packagePlan = (manager, names, sudo) => ({
  what: names.split(' ')[0],
  commands: COMMANDS[manager](names).map(command => `${sudo}${command}`),
})

/** How this Linux gets a software Vulkan driver: { what, commands, undo? } for a shell, or { problem }. */
export function driverPlan(release, sources, sudo = '') {
  const name = release.PRETTY_NAME ?? release.ID ?? 'this Linux'
  if (idsOf(release).includes('alpine'))
    return { problem: `${name} will not do: Dawn needs glibc. Use Debian, Ubuntu or Fedora.` }
  const manager = managerOf(release)
  if (!manager)
    return { problem: `No recipe for ${name}: install Mesa's software Vulkan driver (lavapipe) and the Vulkan loader.` }
  const plan = packagePlan(manager, DRIVER[manager], sudo)
  const bookworm = (release.DEBIAN_CODENAME ?? release.VERSION_CODENAME) === 'bookworm'
  if (manager !== 'apt' || !bookworm) return plan

  const what = "mesa-vulkan-drivers from bookworm-backports (Debian 12's own is too old)"
  const [update, install] = plan.commands
  const commands = [update, `${install} -t bookworm-backports`]
  const { present, entry } = backports(sources)
  if (present) return { what, commands }
  if (!entry)
    return { problem: `No apt source has bookworm main: add one for bookworm-backports, then run\n  ${commands[1]}` }
  const lines = entry
    .split('\n')
    .map(line => `'${line.replaceAll("'", "'\\''")}'`)
    .join(' ')
  const add = `printf '%s\\n' ${lines} | ${sudo}tee ${backportsFile}`
  return { what, commands: [add, ...commands], undo: `${sudo}rm -f ${backportsFile}` }
}

/** True for programs that start Chromium, by their path from the root: tests of the page and of the package. */
export const wantsBrowser = script => /^test[\\/](browser|package)[\\/]/.test(script)

/** True for programs that need the packages for working on the project: the tests, the page, which holds them, the book, tsc. */
export const wantsDev = script => /^(test|examples[\\/](browser|explained)|src[\\/]package)\b/.test(script)

/** How this Linux gets Chromium: { what, commands } for a shell, or { problem }. */
export function browserPlan(release, sudo = '') {
  const other = 'then name the program by CHROMIUM=path'
  // Mint, which says that it is like Ubuntu, has a package of its own.
  if (release.ID === 'ubuntu')
    return { problem: `Ubuntu has Chromium as a snap only. Install it (snap install chromium) or Chrome, ${other}.` }
  const name = release.PRETTY_NAME ?? release.ID ?? 'this system'
  const manager = managerOf(release)
  if (!manager) return { problem: `No recipe for ${name}: install Chromium, ${other}.` }
  return packagePlan(manager, 'chromium', sudo)
}

/** The message to a user for whom we may not install. */
export function refusal({ what, commands }) {
  const how = commands[0].includes('sudo ') ? '' : ' as root'
  return (
    `Installing ${what} needs root or passwordless sudo, and neither is there. Please run${how}:\n\n` +
    `${commands.map(command => `  ${command}\n`).join('')}\nand then this command again.`
  )
}

const run = (command, args, options) =>
  spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, ...options })
const read = path => readFileSync(path, 'utf8')
const readJson = path => {
  try {
    return JSON.parse(read(path))
  } catch {
    return {}
  }
}
const writable = path => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
const list = folder => {
  try {
    return readdirSync(folder)
      .sort()
      .map(name => join(folder, name))
  } catch {
    return []
  }
}

/** A user without a name, as in some containers, has no home: Node throws. */
const home = () => {
  try {
    return homedir()
  } catch {
    return tmpdir()
  }
}

/** Everything on this machine that decides what the probe finds; when it changes, the probe runs again. */
function machineKey() {
  const variables = Object.entries(process.env)
    .filter(([key]) => /^VK_|^XDG_DATA_/.test(key))
    .sort()
  const folders = ['/etc', '/usr/share', '/usr/local/etc', '/usr/local/share', join(home(), '.local/share')]
  const named = [process.env.VK_DRIVER_FILES, process.env.VK_ICD_FILENAMES].flatMap(
    value => value?.split(delimiter) ?? [],
  )
  const drivers = [...folders.flatMap(folder => list(join(folder, 'vulkan/icd.d'))), ...named]
  const devices = [...list('/dev/dri'), ...['/dev/nvidiactl', '/dev/dxg'].filter(existsSync)]
  const files = [join(root, 'node_modules/webgpu/package.json'), ...drivers]
  const dated = files.map(path => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs])
  return JSON.stringify([process.version, process.platform, process.arch, variables, dated, devices])
}

/** Asks Dawn for an adapter, in a process of its own: a driver may crash or hang. */
function probe() {
  const script = `
    const found = await import('webgpu').catch(error => { console.error(error.message); process.exit(4) })
    globalThis.gpu = found.create([])  // must stay reachable
    const adapter = await globalThis.gpu.requestAdapter()
    const { vendor, architecture, device, description } = adapter?.info ?? {}
    if (adapter) console.log('adapter: ' + JSON.stringify({ vendor, architecture, device, description }))
    process.exit(adapter ? 0 : 3)`
  const env = { ...process.env, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir() }
  const child = run(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20000,
    killSignal: 'SIGKILL',
    env,
  })
  const late = child.error?.code === 'ETIMEDOUT'
  const how = late ? 'no answer in 20 s' : child.signal ? `crashed: ${child.signal}` : `exit code ${child.status}`
  const adapter = child.status === 0 ? /^adapter: (.*)$/m.exec(child.stdout)?.[1] : undefined
  return { adapter, unloadable: child.status === 4, output: `${child.stderr ?? ''}(${how})`.replace(/^/gm, '  ') }
}

function installPackages(missing) {
  const list = missing.slice(0, 5).join(', ') + (missing.length > 5 ? `, and ${missing.length - 5} more` : '')
  const lacking = `The packages of package-lock.json are not all in ${join(root, 'node_modules')}: ${list}.`
  const command = `npm ci --include=dev --prefix ${/^[\w./-]+$/.test(root) ? root : JSON.stringify(root)}`
  const fixed = [root, join(root, 'node_modules')].find(path => existsSync(path) && !writable(path))
  if (fixed)
    throw new Problem(`${lacking}\n${fixed} cannot be written here. Please have its owner run:\n\n  ${command}`)
  console.log('set-up: installing the packages of package-lock.json into node_modules (npm ci)')
  // no install scripts: no package here needs its own, and npm 11 warns at length about those it holds back
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional']
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') && process.env.npm_execpath // the npm that runs us
  const child = npm
    ? run(process.execPath, [npm, ...args], { stdio: 'inherit' })
    : run('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
  const how = child.error?.message ?? `exit code ${child.status ?? child.signal}`
  if (child.status !== 0)
    throw new Problem(`${lacking}\nnpm ci failed (${how}): see above. When that is mended, run:\n\n  ${command}`)
}

/** Whether we may install, and the word before a command that does. */
function rights() {
  const isRoot = process.getuid() === 0
  const sudo = isRoot ? {} : run('sudo', ['-n', 'true'])
  const allowed = isRoot || sudo.status === 0
  return { allowed, sudo: isRoot || sudo.error ? '' : allowed ? 'sudo -n ' : 'sudo ' }
}

/**
 * Installs by a plan where we may, or throws what to do. Returns what was installed, the texts of the commands that
 * failed, whether the last one did, which installs, and what takes the changes of such an attempt back.
 *
 * @param why what is missing, for those who must install it themselves.
 * @param doing the beginning of the line in the log.
 * @param planOf the plan, of the word that its commands begin with.
 * @param details what is to be told where there is no plan.
 */
function install(why, doing, planOf, details = '') {
  const { allowed, sudo } = rights()
  const { problem, what, commands, undo } = planOf(sudo)
  if (problem) throw new Problem(`${why}\n${problem}${details}`)
  if (!allowed) throw new Problem(`${why}\n${refusal({ what, commands })}`)

  console.log(`set-up: ${doing} ${what}:`)
  const failures = []
  let last
  for (const command of commands) {
    // a failing `apt-get update` (someone's broken source) does not stop us
    console.log(`  ${command}`)
    last = run('/bin/sh', ['-c', command])
    if (last.status === 0) continue
    const output = (last.stdout + last.stderr).trimEnd().split('\n').slice(-15).join('\n')
    failures.push(`This failed: ${command}\n${output}\n\n`)
  }
  const failed = last.status !== 0
  return { what, failures, failed, takeBack: () => failed && undo && run('/bin/sh', ['-c', undo]) }
}

const releaseHere = () => parseRelease(existsSync('/etc/os-release') ? read('/etc/os-release') : '')

/** How this Linux gets its software Vulkan driver. */
function driverPlanHere(sudo) {
  const files = ['/etc/apt/sources.list', ...list('/etc/apt/sources.list.d')].filter(file =>
    /\.(list|sources)$/.test(file),
  )
  const sources = files.filter(existsSync).flatMap(file => parseSources(read(file)))
  return driverPlan(releaseHere(), sources, sudo)
}

function installDriver(before) {
  const why = 'No WebGPU adapter was found: no GPU here has a Vulkan driver that Dawn accepts.'
  const doing = 'no WebGPU adapter here; installing a software Vulkan driver,'
  const { what, failures, takeBack } = install(why, doing, driverPlanHere, `\n${before.output}`)
  const after = probe()
  if (after.adapter) return after
  takeBack()
  throw new Problem(
    `Still no WebGPU adapter, having tried to install ${what}.\n\n` +
      `${failures.join('')}The probe said:\n${after.output}`,
  )
}

function findAdapter() {
  const found = probe()
  if (found.adapter) return found
  if (found.unloadable)
    throw new Problem(`Dawn does not load here: on Linux it needs glibc, on x64 or arm64.\n${found.output}`)
  const forced = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find(name => process.env[name])
  if (forced)
    throw new Problem(
      `No WebGPU adapter with ${forced}=${process.env[forced]}: correct it or unset it.\n${found.output}`,
    )
  if (process.platform === 'linux') return installDriver(found)
  const driver =
    process.platform === 'darwin' ? 'macOS (its Metal driver comes with it)' : 'the graphics driver (Direct3D 12)'
  throw new Problem(`No WebGPU adapter was found: update ${driver}.\n${found.output}`)
}

/** The programs that test/support/chromium.ts starts, in this order, unless CHROMIUM=path names one. */
export const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const ICD_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']
/** The file by which Vulkan finds Mesa's software driver; undefined where there is none. */
export const findLavapipe = () => ICD_FOLDERS.flatMap(list).find(file => /lvp_icd[^/]*\.json$/.test(file))

/** The browser, and its software adapter also where a GPU does the rest. */
function installBrowser() {
  const named = process.env.CHROMIUM
  if (named && !existsSync(named)) throw new Problem(`There is no CHROMIUM=${named}: correct it or unset it.`)
  const lacking = [
    [named || BROWSERS.find(existsSync), 'No Chromium was found', sudo => browserPlan(releaseHere(), sudo)],
    [findLavapipe(), "Mesa's software Vulkan driver was not found", driverPlanHere],
  ].filter(([found]) => !found)
  for (const [, none, planOf] of lacking) {
    const why = `${none}, and tests in a browser need it.`
    if (process.platform !== 'linux')
      throw new Problem(`${why} They run on Linux: elsewhere open the page's tests/ in your browser (npm run demo).`)
    const { failures, failed, takeBack } = install(why, `${none.replace(/^No /, 'no ')}; installing`, planOf)
    if (!failed) continue
    takeBack()
    throw new Problem(`${why}\n${failures.join('')}`)
  }
}

/** @param script what runs afterwards: only the tests and the tools need the packages for working on the project. */
function main(script) {
  if (nodeIsOld(process.version)) throw new Problem(`Node 20.19 or newer is needed; this is ${process.version}.`)

  const there = ['webgpu', 'tsx', 'sharp'].every(name => existsSync(join(root, 'node_modules', name, 'package.json')))
  const installed = { packages: {}, ...(there ? readJson(join(root, 'node_modules/.package-lock.json')) : {}) }
  const wanted = JSON.parse(read(join(root, 'package-lock.json')))
  const dev = script ? wantsDev(relative(root, script)) : process.env.npm_lifecycle_event !== 'setup'
  const missing = missingPackages(wanted, installed, { platform: process.platform, arch: process.arch, dev })
  if (missing.length) installPackages(missing)
  if (script && wantsBrowser(relative(root, script))) installBrowser()

  if (readJson(stampFile).machine === machineKey()) return
  const { adapter } = findAdapter()
  const stamp = { machine: machineKey(), adapter: JSON.parse(adapter) }
  try {
    writeFileSync(stampFile, JSON.stringify(stamp, null, 2))
  } catch {
    /* a read-only folder only costs the next probe */
  }
}

/** The parent of a process, on Linux. */
const parentOf = pid => {
  try {
    return read(`/proc/${pid}/stat`).replace(/.*\) \S+ (\d+) .*/s, '$1')
  } catch {
    return undefined
  }
}

/**
 * npm starts us through a shell. Most shells then become us, but that of Debian and Ubuntu stays in between and passes
 * no signal on: when npm is told to end, the shell ends, npm ends, and we would go on unseen. So this process gets
 * SIGTERM when its parents have gone, unless it has had a signal itself and acts on that.
 */
function endWithNpm() {
  let viaShell = false
  try {
    viaShell = read(`/proc/${process.ppid}/cmdline`).split('\0')[1] === '-c'
  } catch {
    /* not Linux */
  }
  const parents = () => `${process.ppid} ${viaShell ? parentOf(process.ppid) : ''}`
  const before = parents()
  let told = false
  const { emit } = process
  // not a listener: it would take the place of what a signal does by default
  process.emit = function (event, ...rest) {
    told ||= ['SIGINT', 'SIGTERM', 'SIGHUP'].includes(event)
    return emit.call(this, event, ...rest)
  }
  let gone = 0
  const watch = setInterval(() => {
    gone = parents() === before ? 0 : gone + 1
    if (gone < 2) return // once more: a signal of our own may have come meanwhile
    clearInterval(watch)
    if (!told) process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}

/**
 * Goes on as `node SCRIPT ARGUMENTS` with the TypeScript loader. npm has gone to the project's root; relative paths on
 * the command line are meant from where the user stands, which npm keeps in INIT_CWD.
 */
async function start(script) {
  // set for threads and child processes, too: a tsconfig.json where the user stands is none of ours
  process.env.TSX_TSCONFIG_PATH = join(root, 'tsconfig.json')
  const { register } = await import('tsx/esm/api')
  register()
  process.argv.splice(1, 2, script)
  if (process.env.npm_lifecycle_event && process.platform !== 'win32') endWithNpm()
  try {
    if (process.env.INIT_CWD && realpathSync(process.cwd()) === realpathSync(root)) process.chdir(process.env.INIT_CWD)
  } catch {
    /* that folder is gone, or closed to us: then nobody stands in it */
  }
  await import(pathToFileURL(script).href)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const script = process.argv[2] && resolve(process.argv[2])
  let ready = false
  try {
    main(script)
    ready = true
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    console.error(`\nset-up: ${error.message}\n`)
    process.exitCode = 1
  }
  if (ready && script) {
    // Not awaited here: test/setup.test.ts imports this file, and would wait for it while it waits for the tests.
    const stuck = () => {
      console.error(`error: ${script} waits for something that never comes`)
      process.exitCode = 13 // Node's own for this
    }
    process.once('beforeExit', stuck)
    start(script).then(() => process.off('beforeExit', stuck)) // an error is not caught: Node reports it and exits
  }
}
