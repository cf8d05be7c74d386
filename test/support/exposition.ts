export type Sample = { name: string; labels: Record<string, string>; value: number }
export type Family = { name: string; help: string; type: string; samples: Sample[] }

const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"/
const series = new RegExp(
  `^([a-zA-Z_:][\\w:]*)(?:\\{(${label.source}(?:,${label.source})*)\\})? (\\S+)$`,
)
const suffixes: Record<string, string[]> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
}

/**
 * Reads Prometheus text (format 0.0.4). Throws for what is not in the format, a metric without HELP and
 * TYPE, one that comes twice, and a series that comes twice or stands under another's name.
 */
export function parseExposition(text: string): Family[] {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.')
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let family: Family | undefined
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice.`)
      family = { name, help: rest, type: '', samples: [] }
      families.set(name, family)
    } else if (kind === 'TYPE' && family?.name === name && rest in suffixes) {
      family.type = rest
    } else if (line !== '') {
      const sample = readSample(line)
      const known = suffixes[family?.type ?? '']?.some((end) => family?.name + end === sample.name)
      if (!family || !known) throw new Error(`No metric has this line: ${line}`)
      const id = line.slice(0, line.lastIndexOf(' '))
      if (seen.has(id)) throw new Error(`A series comes twice: ${id}`)
      seen.add(id)
      family.samples.push(sample)
    }
  }
  return [...families.values()]
}

/** The value of a series, which must be there once with these labels among its own. */
export function seriesValue(
  text: string,
  name: string,
  labels: Record<string, string> = {},
): number {
  const found = parseExposition(text)
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
  const [sample, ...others] = found
  if (!sample || others.length > 0) throw new Error(`${found.length} series of ${name}`)
  return sample.value
}

function readSample(line: string): Sample {
  const [, name, labels = '', , , , , value = ''] = series.exec(line) ?? []
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)
  if (name === undefined || value === '' || Number.isNaN(number)) {
    throw new Error(`This is no sample: ${line}`)
  }
  const pairs = labels.matchAll(new RegExp(label, 'g'))
  return {
    name,
    value: number,
    labels: Object.fromEntries(Array.from(pairs, ([, key, text]) => [key, text])),
  }
}
