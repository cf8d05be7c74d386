import { join } from 'node:path'
import { root } from './process.ts'

export const readme = await Bun.file(join(root, 'README.md')).text()
export const recipes = await Bun.file(join(root, 'docs/recipes.md')).text()

/** The blocks of a document whose fence says this language and then this word, as they stand. */
export const blocks = (language: string, word: string, document = readme) =>
  Array.from(document.matchAll(/^```(\w+) (\w+)\n(.*?)^```/gms))
    .filter(([, inLanguage, kind]) => inLanguage === language && kind === word)
    .map(([, , , text]) => String(text))

/** Runs a script in this folder and returns the JSON values that it printed, one after the other. */
export async function play(
  script: string,
  { cwd, env }: { cwd: string; env: Record<string, string | undefined> },
): Promise<unknown[]> {
  const shell = Bun.spawn(['sh', '-e', '-c', script], { cwd, env, stdout: 'pipe' })
  const printed = await new Response(shell.stdout).text()
  if ((await shell.exited) !== 0) throw new Error(`The script failed after it printed: ${printed}`)
  return JSON.parse(`[${printed.replaceAll(/\}\s*\{/g, '},{')}]`)
}
