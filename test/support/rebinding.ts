// Preloaded in a server, it plays a resolver that changes its mind: to the first two looks at `rebinding.test` it
// answers a public address that nobody has, and to all others loopback.

const dns: Record<string, unknown> & {
  promises: Record<string, unknown>
} = require('node:dns')
const promises: Record<string, unknown> = require('node:dns/promises')

let looks = 0
const addresses = () =>
  ++looks <= 2 ? [{ address: '2d00::1', family: 6 }] : [{ address: '127.0.0.1', family: 4 }]

const plant = (module: Record<string, unknown>) => {
  const lookup = module['lookup']
  if (typeof lookup !== 'function') throw new Error('There is no lookup to replace.')
  module['lookup'] = (host: string, ...rest: unknown[]) => {
    if (host !== 'rebinding.test') return lookup(host, ...rest)
    const answer = rest.at(-1)
    return typeof answer === 'function' ? answer(null, addresses()) : Promise.resolve(addresses())
  }
}
for (const module of new Set([dns, dns.promises, promises])) plant(module)
