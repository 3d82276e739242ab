// setup.mjs: what apt's files say, which commands follow for which Linux, and how a program is started.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
// @ts-expect-error plain JavaScript: it must run before anything is installed
import * as setup from '../setup.mjs'

const { backports, driverPlan, missingPackages, nodeIsOld, parseRelease, parseSources, refusal } = setup
const { browserPlan, wantsBrowser, wantsDev } = setup

const root = fileURLToPath(new URL('..', import.meta.url))
const here = mkdtempSync(join(realpathSync(tmpdir()), "it's #1 100%41 é "))
const t = suite('setup')
t.after(() => rmSync(here, { recursive: true }))

const bookworm = parseRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n')
const file = '/etc/apt/sources.list.d/tasn-webgpu-backports.sources'
const apt = 'env DEBIAN_FRONTEND=noninteractive apt-get'
const install = `${apt} install -y --no-install-recommends -o DPkg::Lock::Timeout=120 mesa-vulkan-drivers libvulkan1`

const deb822 = `Types: deb deb-src
# a comment inside a paragraph
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

t('Node versions', () => {
  for (const version of ['v18.20.8', 'v20.18.3', 'v16.0.0']) assert.is(nodeIsOld(version), true, version)
  for (const version of ['v20.19.0', 'v22.0.0', 'v24.1.0', 'v26.0.0-nightly'])
    assert.is(nodeIsOld(version), false, version)
})

t('packages: versions, optional ones of this and of another platform', () => {
  const native = (os: string, libc?: string) => ({
    version: '2.0.0',
    optional: true,
    os: [os],
    cpu: ['x64'],
    libc: libc && [libc],
  })
  const linux = native('linux', 'glibc')
  const a = { version: '1.0.0' }
  const wanted = {
    packages: {
      '': {},
      a,
      linux,
      musl: native('linux', 'musl'),
      mac: native('darwin'),
      loose: { ...a, optional: true },
      'node_modules/@x/tool': { ...a, dev: true },
    },
  }
  const missing = (packages: object, dev = true) =>
    missingPackages(wanted, { packages }, { platform: 'linux', arch: 'x64', dev })

  assert.equal(missing({ a, linux, 'node_modules/@x/tool': a }), [])
  assert.equal(missing({ a: { version: '1.0.1' }, linux, 'node_modules/@x/tool': a }), ['a 1.0.0'])
  assert.equal(missing({ linux, 'node_modules/@x/tool': a }), ['a 1.0.0'])
  assert.equal(
    missing({ a, mac: native('darwin'), 'node_modules/@x/tool': a }),
    ['linux 2.0.0'],
    'node_modules copied from a Mac',
  )
  assert.equal(missing({}), ['a 1.0.0', 'linux 2.0.0', '@x/tool 1.0.0'])
  assert.equal(missing({ a, linux }), ['@x/tool 1.0.0'], 'installed with --omit=dev')
  assert.equal(missing({ a, linux }, false), [], 'which is enough for a training')
})

t('os-release: quotes or none', () => {
  const release = parseRelease(
    'NAME="Fedora Linux"\nID=fedora\nPRETTY_NAME=\'Fedora Linux 42\'\nEMPTY=\n# no=comment\n',
  )
  assert.equal(release, { NAME: 'Fedora Linux', ID: 'fedora', PRETTY_NAME: 'Fedora Linux 42', EMPTY: '' })
})

t('deb822: the mirror and key of Debian itself', () => {
  assert.is(
    backports(parseSources(deb822)).entry,
    'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-backports\n' +
      'Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg',
  )
})

t('deb822: an embedded key and other fields are kept', () => {
  const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----'
  const { entry } = backports(
    parseSources(
      `Types: deb\nURIs: mirror+file:/etc/apt/mirrors.list\nSuites: bookworm\nComponents: main\nCheck-Valid-Until: ` +
        `no\n${key}\n`,
    ),
  )
  assert.match(entry, 'URIs: mirror+file:/etc/apt/mirrors.list\n')
  assert.match(entry, 'Check-Valid-Until: no\n')
  assert.is(entry.endsWith(key.replace(':\n', ': \n')), true, entry)
})

t('one line an entry: options, comments, sources of source code', () => {
  const { entry } = backports(
    parseSources(`
# deb http://commented.test/debian bookworm main
deb-src http://source.test/debian bookworm main
deb cdrom:[Debian GNU/Linux 12 _Bookworm_]/ bookworm main
deb [arch=amd64,arm64 signed-by=/etc/a.gpg check-valid-until=no] http://mirror.test/debian/ bookworm main non-free # x
`),
  )
  assert.is(
    entry,
    'Types: deb\nURIs: http://mirror.test/debian/\nSuites: bookworm-backports\nComponents: main\n' +
      'Architectures: amd64 arm64\nSigned-By: /etc/a.gpg\nCheck-Valid-Until: no',
  )
  assert.is(
    backports(parseSources('deb http://mirror.test/debian bookworm main')).entry,
    'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-backports\nComponents: main',
  )
})

t("another vendor's archive for bookworm is not taken for Debian's", () => {
  const vendors = parseSources(
    'deb [signed-by=/v.gpg] http://vendor.test bookworm main\ndeb http://docker.test/linux/debian bookworm stable',
  )
  assert.match(backports([...vendors, ...parseSources(deb822)]).entry, 'URIs: http://mirror.test/debian\n')
})

t('backports already there, or there but switched off', () => {
  const there = 'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-backports\nComponents: main\n'
  const sources = [...parseSources(deb822), ...parseSources(there)]
  assert.equal(backports(sources), { present: true })
  assert.equal(backports(parseSources('deb http://mirror.test/debian bookworm-backports main contrib')), {
    present: true,
  })
  assert.equal(driverPlan(bookworm, sources).commands, [`${apt} update`, `${install} -t bookworm-backports`])
  assert.is(driverPlan(bookworm, sources).undo, undefined, 'what is not ours is not removed')
  assert.ok(backports([...parseSources(deb822), ...parseSources(`${there}Enabled: no\n`)]).entry)
})

t('Debian 12: adds backports, and can take it back', () => {
  const plan = driverPlan(bookworm, parseSources("deb http://mirror.test/it's bookworm main"), 'sudo ')
  assert.equal(plan.commands, [
    `printf '%s\\n' 'Types: deb' 'URIs: http://mirror.test/it'\\''s' 'Suites: bookworm-backports' 'Components: ` +
      `main' | sudo tee ${file}`,
    `sudo ${apt} update`,
    `sudo ${install} -t bookworm-backports`,
  ])
  assert.is(plan.undo, `sudo rm -f ${file}`)
  assert.match(driverPlan(bookworm, []).problem, 'No apt source has bookworm main')
})

t('other systems', () => {
  const commands = (release: string) => driverPlan(parseRelease(release), parseSources(deb822)).commands
  const plain = [`${apt} update`, install]
  assert.equal(commands('ID=debian\nVERSION_CODENAME=trixie'), plain)
  assert.equal(commands('ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble'), plain)
  assert.equal(commands('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma'), plain)
  assert.match(
    commands('ID=linuxmint\nID_LIKE=debian\nVERSION_CODENAME=faye\nDEBIAN_CODENAME=bookworm').at(-1),
    '-t bookworm-backports',
  )
  assert.equal(commands('ID=fedora'), ['dnf install -y mesa-vulkan-drivers vulkan-loader'])
  assert.equal(commands('ID="rocky"\nID_LIKE="rhel centos fedora"'), [
    'dnf install -y mesa-vulkan-drivers vulkan-loader',
  ])
  assert.equal(commands('ID=manjaro\nID_LIKE=arch'), ['pacman -S --needed --noconfirm vulkan-swrast vulkan-icd-loader'])
  assert.match(
    driverPlan(parseRelease('ID=alpine\nPRETTY_NAME="Alpine Linux v3.22"'), []).problem,
    /Alpine Linux v3\.22.*glibc/,
  )
  assert.match(driverPlan({}, []).problem, 'No recipe for this Linux')
})

t('neither root nor sudo: the exact commands to copy', () => {
  const plan = driverPlan(bookworm, parseSources(deb822), 'sudo ')
  const text = refusal(plan)
  for (const command of plan.commands) assert.match(text, `\n  ${command}\n`)
  assert.match(text, 'mesa-vulkan-drivers from bookworm-backports')
  assert.match(text, 'Please run:')
  assert.match(refusal(driverPlan(bookworm, parseSources(deb822))), 'Please run as root:')
})

t(
  'only the tests that start a browser get one; the page, the book and the package need the packages for the tests',
  () => {
    const scripts = ['test/browser/run.ts', 'test/package/run.ts', 'test/run.ts', 'test/adapters.ts']
    const pages = ['examples/browser/demo.ts', 'examples/explained/explained.ts', 'src/package/build.ts']
    const others = [...pages, 'examples/train-cub.ts', 'bench/step.ts']
    assert.equal([...scripts, ...others].filter(wantsBrowser), scripts.slice(0, 2))
    assert.equal([...scripts, ...others].filter(wantsDev), [...scripts, ...pages])
  },
)

t('Chromium, system by system', () => {
  const debian = [`${apt} update`, install.replace('mesa-vulkan-drivers libvulkan1', 'chromium')]
  const commands = (text: string, sudo?: string) => browserPlan(parseRelease(text), sudo).commands
  assert.equal(browserPlan(bookworm).commands, debian)
  assert.equal(
    browserPlan(bookworm, 'sudo -n ').commands,
    debian.map(command => `sudo -n ${command}`),
  )
  assert.equal(commands('ID=linuxmint\nID_LIKE="ubuntu debian"'), debian)
  assert.equal(commands('ID="rocky"\nID_LIKE="rhel centos fedora"'), ['dnf install -y chromium'])
  assert.equal(commands('ID=manjaro\nID_LIKE=arch', 'sudo '), ['sudo pacman -S --needed --noconfirm chromium'])
  assert.match(browserPlan(parseRelease('ID=ubuntu\nID_LIKE=debian')).problem, /as a snap only.*CHROMIUM=path/)
  assert.match(browserPlan({}).problem, /No recipe for this system: install Chromium.*CHROMIUM=path/)
  assert.match(refusal(browserPlan(bookworm, 'sudo ')), 'Installing chromium needs root or passwordless sudo')
})

t('a browser that is named and not there stops the tests of the page, and nothing else', () => {
  const said = (script: string): string => {
    const env = { ...process.env, CHROMIUM: '/nowhere/chromium', INIT_CWD: here }
    const { stderr, status } = spawnSync(process.execPath, ['setup.mjs', script], { cwd: root, env, encoding: 'utf8' })
    return `${status}: ${stderr.trim()}`
  }
  assert.is(said('test/browser/none.ts'), '1: set-up: There is no CHROMIUM=/nowhere/chromium: correct it or unset it.')
  assert.match(said('test/none.ts'), /Cannot find module|ERR_MODULE_NOT_FOUND/)
})

/** Starts a program of these lines as package.json does; `cwd` and INIT_CWD as npm sets them. */
async function started(lines: string, { args = [] as string[], cwd = root, initCwd = here, kill = false } = {}) {
  writeFileSync(join(here, 'package.json'), '{ "type": "module" }')
  const script = join(here, 'program.ts')
  writeFileSync(script, lines)
  const env = { ...process.env, INIT_CWD: initCwd }
  const child = spawn(process.execPath, [join(root, 'setup.mjs'), script, ...args], { cwd, env })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      out += String(chunk)
      if (kill && out.includes('ready')) child.kill('SIGTERM')
    })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, out: out.trim() }
}

t('a program is started as if by node itself, where the user stands', async () => {
  const say = 'console.log(JSON.stringify([process.argv.slice(1), process.cwd()])); process.exitCode = 7 as number'
  const args = ['--data', 'a b', "it's"]
  const { code, out } = await started(say, { args })
  assert.equal([code, JSON.parse(out)], [7, [[join(here, 'program.ts'), ...args], here]])
  // not by npm from the project's folder, or from a folder that is gone: cwd stays
  mkdirSync(join(here, 'sub'), { recursive: true })
  assert.is(JSON.parse((await started(say, { cwd: join(here, 'sub') })).out)[1], join(here, 'sub'))
  assert.is(JSON.parse((await started(say, { initCwd: join(here, 'none') })).out)[1], root.replace(/.$/, ''))
})

t('its errors, signals and endless waits are its own', async () => {
  const thrown = await started('type A = { b: number }\n\n\nconst f = (): A => { throw new Error("boom") }\nf()')
  assert.is(thrown.code, 1)
  assert.match(thrown.out, 'program.ts:4:28)') // the line of the source, not of what it is compiled to
  const killed = await started('console.log("ready"); setTimeout((x: number) => x, 60_000)', { kill: true })
  assert.equal([killed.code, killed.signal], [null, 'SIGTERM'], 'no process is in between')
  const stuck = await started('await new Promise<void>(() => {})')
  assert.is(stuck.code, 13)
  assert.match(stuck.out, 'waits for something that never comes')
  assert.is((await started('setTimeout(() => process.exit(0), 20); await new Promise(() => {})')).code, 0)
})

t('it ends with npm, although a shell is in between', async () => {
  const script = join(here, 'program.ts')
  writeFileSync(join(here, 'package.json'), '{ "type": "module" }')
  const env = {
    ...process.env,
    npm_lifecycle_event: 'train',
    INIT_CWD: here,
    SCRIPT: script,
    SETUP: join(root, 'setup.mjs'),
  }
  const begun = async (on: string) => {
    writeFileSync(
      script,
      `for (const s of ['SIGTERM', 'SIGHUP'] as const)
         process.on(s, () => { console.log('got', s); if (s === '${on}') setTimeout(() => process.exit(), 1700) })
       setInterval(() => {}, 1000)
       console.log('pid', process.pid)`,
    )
    const node = `"${process.execPath}" "$SETUP" "$SCRIPT"; true` // nothing follows in npm's: here it keeps the shell
    const shell = spawn('sh', ['-c', node], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    const pid = await new Promise<number>(resolve => {
      shell.stdout.on('data', chunk => {
        out += String(chunk)
        const [, pid] = /pid (\d+)\n/.exec(out) ?? []
        if (pid) resolve(Number(pid))
      })
    })
    return { shell, pid, out: () => out.replace(/pid \d+\n/, '').trim() }
  }
  const one = await begun('SIGTERM')
  one.shell.kill('SIGKILL')
  await once(one.shell, 'close') // when the program has ended, too: it holds the pipe
  assert.is(one.out(), 'got SIGTERM')
  // A hang-up of the terminal comes to all of them, and what it means is the program's own affair.
  const two = await begun('SIGHUP')
  process.kill(two.pid, 'SIGHUP')
  two.shell.kill('SIGKILL')
  await once(two.shell, 'close')
  assert.is(two.out(), 'got SIGHUP')
})

t.run()
