import { basename } from 'node:path'

/** What a process asked of the files that it was traced on, in order; `at` is Unix time in milliseconds. */
export type Call = { at: number; failed: boolean; file: string } & (
  | { name: 'write'; offset: number; data: Buffer }
  | { name: 'truncate'; size: number }
  | { name: 'create' | 'unlink' | 'sync' }
)

/** Runs a server under strace, which notes in `out` all that changes these files. */
export const traced = (out: string, files: readonly string[], inject: string[] = []) => [
  'strace',
  ...['-f', '-y', '-ttt', '-xx', '-s70000', '-o', out],
  ...[
    '-e',
    'trace=openat,pwrite64,pwritev,write,ftruncate,fallocate,fsync,fdatasync,unlink,rename',
  ],
  ...files.flatMap((file) => ['-P', file]),
  ...inject.flatMap((fault) => ['-e', `inject=${fault}`]),
]

/** Reads what strace has noted. Throws for a call that changes a file in a way that is not known here. */
export function readTrace(text: string): Call[] {
  const begun = new Map<string, string>()
  return text.split('\n').flatMap((line) => {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const unfinished = / <unfinished \.\.\.>$/.exec(rest)
    if (unfinished) {
      begun.set(thread, rest.slice(0, unfinished.index))
      return []
    }
    const resumed = /<\.\.\. \w+ resumed>/.exec(rest)
    const whole = resumed ? begun.get(thread) + rest.slice(resumed.index + resumed[0].length) : rest
    return callOf(whole) ?? []
  })
}

function callOf(line: string): Call | undefined {
  const [, time, name = '', args = '', result] =
    /^([\d.]+) (\w+)\((.*)\) += (-?\d+)/.exec(line) ?? []
  if (time === undefined) return undefined
  const [first = ''] = /(?<=<)[^<>]*(?=>)|(?<=")[^"]*(?=")/.exec(args) ?? []
  const common = {
    at: Number(time) * 1_000,
    failed: Number(result) < 0,
    file: basename(bytesOf(first).toString()),
  }
  const numbers = /(?:, \d+)+$/.exec(args)?.[0].split(', ').slice(1).map(Number) ?? []
  switch (name) {
    case 'pwrite64': {
      const [size, offset = NaN] = numbers
      const data = bytesOf(/"([^"]*)"/.exec(args)?.[1] ?? '')
      if (data.length !== size) throw new Error(`not the whole of a write: ${line.slice(0, 99)}`)
      return { ...common, name: 'write', offset, data }
    }
    case 'ftruncate':
      return { ...common, name: 'truncate', size: Number(numbers[0]) }
    case 'fsync':
    case 'fdatasync':
      return { ...common, name: 'sync' }
    case 'unlink':
      return { ...common, name: 'unlink' }
    case 'openat': {
      const path = bytesOf(/"([^"]*)"/.exec(args)?.[1] ?? '').toString()
      return /O_CREAT/.test(args) ? { ...common, name: 'create', file: basename(path) } : undefined
    }
    default:
      throw new Error(`a call that is not known here: ${line.slice(0, 99)}`)
  }
}

/** `\x61\x62`, as strace writes what it shows in hexadecimal. */
const bytesOf = (shown: string) =>
  shown.startsWith('\\x') ? Buffer.from(shown.replaceAll('\\x', ''), 'hex') : Buffer.from(shown)
