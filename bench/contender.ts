import { join } from 'node:path'
import { freePort, startVariables, variablesIn } from '../test/support/process.ts'
import { type Child, root, start, stop, untilReady } from './processes.ts'
import { apiKeyOf, namespaceName, type Stock } from './stock.ts'

/** Something that answers matches, with its database. `ratePerSecondMax` says how much it can use up. */
export type Contender = {
  name: string
  ratePerSecondMax: number
  /** Starts it afresh with this stock. */
  start: (stock: Stock) => Promise<Running>
}

export type Running = {
  origin: string
  pid: number
  /** The server of its database, if that is a process of its own. */
  databasePid?: number
  /** Stops it and removes its data. */
  stop: () => Promise<void>
}

/** One that cannot take part here, and what to do about it. */
export type Absent = { name: string; absent: string }

const answerMaxMs = 30_000
let asked = 0

/** Starts a service of bench/services. */
export async function startService(
  service: string,
  stock: Stock,
  env: Record<string, string> = {},
): Promise<{ origin: string; child: Child }> {
  const port = freePort()
  const child = start(service, [process.execPath, `bench/services/${service}.ts`], {
    // The same as zaas has.
    env: {
      ...startVariables,
      PORT: String(port),
      NAMESPACES: String(stock.length),
      ...env,
    },
  })
  const origin = `http://127.0.0.1:${port}`
  await untilReady(child, () => fetch(origin))
  return { origin, child }
}

/** Starts the zaas of a checkout as its `bun run start` does. */
export async function startZaas(
  databaseUrl: string,
  stock: Stock,
  checkout = root,
): Promise<Running> {
  const { scripts }: { scripts: { start: string } } = await Bun.file(
    join(checkout, 'package.json'),
  ).json()
  const port = freePort()
  const masterKey = 'bench-master-key'
  // Settings in a .env of this folder are no part of what is measured, and other checkouts have none.
  const child = start('zaas', [process.execPath, '--no-env-file', 'src/index.ts'], {
    cwd: checkout,
    env: {
      ...variablesIn(scripts.start),
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      MASTER_API_KEYS: masterKey,
    },
  })
  const origin = `http://127.0.0.1:${port}`
  await untilReady(child, () => fetch(origin))
  for (const n of stock.keys()) {
    const namespace = namespaceName(n)
    const { status } = await call(origin, 'POST', '/admin/api-keys', {
      headers: { 'x-master-api-key': masterKey },
      body: JSON.stringify({ namespace, apiKey: apiKeyOf(namespace) }),
    })
    // 409: the database was served before.
    if (status !== 200 && status !== 409) throw new Error(`making a key answered ${status}`)
  }
  return { origin, pid: child.process.pid, stop: () => stop(child) }
}

/** Asks as an API client and reads the answer to its end. */
export async function call(origin: string, method: string, path: string, init: RequestInit = {}) {
  const namespace = /^\/namespaces\/([^/]+)/.exec(path)?.[1] ?? ''
  const startedMs = performance.now()
  const response = await fetch(origin + path, {
    signal: AbortSignal.timeout(answerMaxMs),
    ...init,
    method,
    headers: {
      'content-type': 'application/json',
      'x-api-key': apiKeyOf(namespace),
      ...init.headers,
    },
  })
  const text = await response.text()
  return { status: response.status, text, ms: performance.now() - startedMs }
}

/** Asks for one item, as wrk does. */
export function match(origin: string, namespace: string, requestor = `bench${++asked}`) {
  const body = JSON.stringify({ requestor })
  return call(origin, 'POST', `/namespaces/${namespace}/match`, { body })
}

/** Throws unless a new requestor gets an item: a contender that says no at once would look fast. */
export async function expectStock({ origin }: Running, name: string, namespace = 'bench-0') {
  const { status, text } = await match(origin, namespace)
  if (
    status !== 200 ||
    !text.includes('"success":true') ||
    text.includes('"alreadyMatched":true')
  ) {
    throw new Error(`${name} answered ${status} ${text} where an item was to be had`)
  }
}
