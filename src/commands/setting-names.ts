import { settingNames } from '../config.ts'

/** What others set in an environment for purposes of their own, near as it is to a setting of zaas. */
const othersNames = ['HOSTNAME', 'DATABASE', 'LOGNAME']
/** Names that people use for a setting, and that are too far from it for their letters to tell. */
const otherWords: Readonly<Record<string, string>> = {
  DATABASE_URI: 'DATABASE_URL',
  DB_URL: 'DATABASE_URL',
  BODY_LIMIT: 'BODY_LIMIT_BYTES',
  IMPORT_LIMIT: 'IMPORT_LIMIT_BYTES',
  DATABASE_TOKEN: 'DATABASE_AUTH_TOKEN',
  AUTH_TOKEN: 'DATABASE_AUTH_TOKEN',
  MASTER_KEY: 'MASTER_API_KEYS',
  MASTER_KEYS: 'MASTER_API_KEYS',
  ADMIN_API_KEY: 'MASTER_API_KEYS',
  ADMIN_API_KEYS: 'MASTER_API_KEYS',
}
const shortNameMax = 6

/** A warning for each variable whose name is nearly that of a setting. None shows a value. */
export function nearMisses(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const meant = meantBy(name)
    // Kubernetes tells a container of a service that is called zaas by ZAAS_PORT=tcp://….
    if (meant === undefined || !value || /^(tcp|udp|sctp):/.test(value)) return []
    return `${name} is set, which is no setting of zaas and is ignored: did you mean ${meant}?`
  })
}

function meantBy(name: string): string | undefined {
  const known: readonly string[] = settingNames
  if (known.includes(name) || othersNames.includes(name)) return undefined
  const prefixless = name.replace(/^ZAAS_/i, '')
  const upper = prefixless.toUpperCase()
  if (name !== upper && known.includes(upper)) return upper
  if (otherWords[upper]) return otherWords[upper]
  const near = known
    .map((setting) => ({ setting, distance: distanceOf(lettersOf(upper), lettersOf(setting)) }))
    .filter(({ setting, distance }) => distance <= allowedFor(setting))
    .toSorted((a, b) => a.distance - b.distance)
  return near[0]?.setting
}

/** Of a short name each letter counts: POST and COST are words, and PORT is not meant by them. */
const allowedFor = (setting: string) => (setting.length <= shortNameMax ? 0 : 2)

/** Without underscores and the plural. */
const lettersOf = (name: string) => name.replaceAll(/[^A-Z0-9]/g, '').replace(/S$/, '')

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const changed = (row[j] ?? 0) + Number(letter !== other)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
