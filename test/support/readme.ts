import { join } from 'node:path'
import { root } from './process.ts'

export const readme = await Bun.file(join(root, 'README.md')).text()

/** The blocks of the README whose fence says this language and then this word, as they stand. */
export const blocks = (language: string, word: string) =>
  Array.from(readme.matchAll(/^```(\w+) (\w+)\n(.*?)^```/gms))
    .filter(([, inLanguage, kind]) => inLanguage === language && kind === word)
    .map(([, , , text]) => String(text))
