type Random = () => number

const tokens = [
  '\0',
  '\r\n',
  '\r\n\r\n',
  '%00',
  '%zz',
  '\ufeff',
  '\\ud800',
  '"',
  '{',
  '[[[[',
  '__proto__',
  '99999999999999999999',
  '-1',
  '1e999',
  '../',
  '#',
  '?',
  ': ',
  'content-length: 7\r\n',
  'transfer-encoding: chunked\r\n',
  'x-forwarded-host: [::\r\n',
].map((token) => Buffer.from(token))

/**
 * A request with one to four faults in it: bits, bytes, what is cut, doubled, put in, or taken from
 * another. Half of the bodies are faulty under a head that is right, to get past the reading of it.
 */
export function mutated(requests: readonly Buffer[], random: Random): Buffer {
  const request = pick(requests, random)
  const bodyAt = request.indexOf('\r\n\r\n') + 4
  if (bodyAt === request.length || random() < 0.5) return withFaults(request, requests, random)
  const bodies = requests.map((other) => other.subarray(other.indexOf('\r\n\r\n') + 4))
  const body = withFaults(request.subarray(bodyAt), bodies, random)
  const head = request.subarray(0, bodyAt).toString('latin1')
  const fitting = head.replace(/(?<=content-length: )\d+/, String(body.length))
  return Buffer.concat([Buffer.from(fitting, 'latin1'), body])
}

function withFaults(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let faulty = bytes
  for (let faults = 1 + below(4, random); faults > 0; faults--) {
    faulty = pick(operators, random)(faulty, random, others)
  }
  return faulty
}

const operators: ((bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer)[] = [
  (bytes, random) => change(bytes, random, (byte) => byte ^ (1 << below(8, random))),
  (bytes, random) => change(bytes, random, () => below(256, random)),
  (bytes, random) => bytes.subarray(0, below(bytes.length + 1, random)),
  (bytes, random) => spliced(bytes, random, () => Buffer.alloc(0)),
  (bytes, random) => spliced(bytes, random, (cut) => Buffer.concat([cut, cut])),
  (bytes, random) => spliced(bytes, random, () => pick(tokens, random)),
  (bytes, random, others) => {
    const other = pick(others, random)
    const rest = other.subarray(below(other.length + 1, random))
    return Buffer.concat([bytes.subarray(0, below(bytes.length + 1, random)), rest])
  },
]

function change(bytes: Buffer, random: Random, to: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes
  const changed = Buffer.from(bytes)
  const at = below(bytes.length, random)
  changed[at] = to(changed.readUInt8(at))
  return changed
}

/** With something else in the place of up to 16 bytes. */
function spliced(bytes: Buffer, random: Random, other: (cut: Buffer) => Buffer): Buffer {
  const from = below(bytes.length + 1, random)
  const until = Math.min(bytes.length, from + below(17, random))
  const parts = [bytes.subarray(0, from), other(bytes.subarray(from, until)), bytes.subarray(until)]
  return Buffer.concat(parts)
}

const below = (count: number, random: Random) => Math.floor(random() * count)

function pick<Value>(values: readonly Value[], random: Random): Value {
  const value = values[below(values.length, random)]
  if (value === undefined) throw new RangeError('The list is empty.')
  return value
}
