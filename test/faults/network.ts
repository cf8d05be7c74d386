import type { Direction } from '../support/proxy.ts'
import type { Cluster, Instance } from './cluster.ts'

type Random = () => number
export type Trouble = (cluster: Cluster, instance: Instance, random: Random) => Promise<void>

/** Each ends by itself, and leaves everything as it was. */
const brief: Record<string, Trouble> = {
  'sqld is killed': ({ sqld }) => sqld.restart(),
  'requests are cut': (_, instance, random) => cut('request', instance, random),
  'answers are cut': (_, instance, random) => cut('answer', instance, random),
  'all connections are cut': async (_, { proxy }) => proxy.cutAll(),
}
const long: Record<string, Trouble> = {
  'a server is killed': (cluster, instance) => cluster.replace(instance, 'SIGKILL'),
  'a server is frozen': async (_, { server }, random) => {
    process.kill(server.pid, 'SIGSTOP')
    await Bun.sleep(frozenMs(random))
    process.kill(server.pid, 'SIGCONT')
  },
  'sqld is frozen': async ({ sqld }, _, random) => {
    sqld.signal('SIGSTOP')
    await Bun.sleep(frozenMs(random))
    sqld.signal('SIGCONT')
  },
  'the network stands still': async (_, { proxy }, random) => {
    proxy.decide(() => 'hold')
    await Bun.sleep(frozenMs(random))
    proxy.decide(() => 'pass')
    proxy.release()
  },
}

export const briefTroubles = Object.values(brief)
export const troubles = Object.values({ ...brief, ...long })

/** One of these kinds, or one of a server's while sqld is killed. */
export function anyTroubles(kinds: readonly Trouble[], random: Random): Trouble[] {
  const one = among(kinds, random)
  const killed = brief['sqld is killed']
  const ofSqld = one === killed || one === long['sqld is frozen']
  return killed && !ofSqld && random() < 0.25 ? [killed, one] : [one]
}

export function among<Value>(values: readonly Value[], random: Random): Value {
  const value = values[Math.floor(random() * values.length)]
  if (value === undefined) throw new RangeError('The list is empty.')
  return value
}

/** Mostly short, and now and then longer than a call may take. */
const frozenMs = (random: Random) => (random() < 0.1 ? 5_500 : 200 + 1_800 * random() ** 2)

async function cut(direction: Direction, { proxy }: Instance, random: Random): Promise<void> {
  const share = 0.05 + 0.5 * random()
  proxy.decide((way) => (way === direction && random() < share ? 'cut' : 'pass'))
  await Bun.sleep(200 + 600 * random())
  proxy.decide(() => 'pass')
}
