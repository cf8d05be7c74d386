import { run, tempFolder } from './processes.ts'
import { progress } from './scenario.ts'

/** Puts a commit into a folder, with its dependencies. An archive leaves nothing behind in .git. */
export async function checkOut(commit: string) {
  const revision = ['--verify', '--quiet', '--short', '--end-of-options', `${commit}^{commit}`]
  const theirHash = await asCaller(['git', 'rev-parse', ...revision]).catch(() => {
    throw new Error(`${commit} is no commit of this repository`)
  })
  const ourHash = await asCaller(['git', 'describe', '--always', '--dirty'])
  progress(`checking out ${theirHash}`)
  const folder = tempFolder('checkout')
  const archive = `${folder}.tar`
  await asCaller(['git', 'archive', `--output=${archive}`, theirHash])
  await asCaller(['tar', '-xf', archive, '-C', folder])
  await asCaller([process.execPath, 'install', '--frozen-lockfile', '--cwd', folder])
  return { theirHash, ourHash, folder }
}

/** With the caller's settings of git and npm, which are found by HOME and other variables. */
const asCaller = async (command: string[]) => (await run('', command, { env: process.env })).trim()
