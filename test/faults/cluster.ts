import { startProxy, type TcpProxy } from '../support/proxy.ts'
import { type Server, startServer } from '../support/server.ts'
import { addressOf, type Sqld, startSqld } from '../support/sqld.ts'
import type { Fault } from './form.ts'

const name = 'zaas'
const startTries = 10

/** A server and its own way to the sqld; `server` is another one after each restart. */
export type Instance = { proxy: TcpProxy; server: Server }

/** Servers on one sqld, each behind a proxy of its own, with ways to make them fail. */
export class Cluster {
  readonly sqld: Sqld
  readonly instances: Instance[] = []
  readonly #fault: Fault

  private constructor(sqld: Sqld, fault: Fault) {
    this.sqld = sqld
    this.#fault = fault
  }

  static async start(count: number, fault: Fault = {}): Promise<Cluster> {
    const sqld = await startSqld()
    const cluster = new Cluster(sqld, fault)
    try {
      await sqld.create(name)
      for (let n = 0; n < count; n++) {
        const proxy = await startProxy(sqld.ports.http)
        cluster.instances.push({ proxy, server: await cluster.#launch(proxy) })
      }
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  /** The database as a file. */
  get path(): string {
    return `${this.sqld.folder}/sqld/dbs/${name}/data`
  }

  /** Ends a server and starts another in its place, while sqld may be down. */
  async replace(instance: Instance, signal: NodeJS.Signals): Promise<void> {
    await instance.server.stop(signal)
    for (let tries = 1; ; tries++) {
      try {
        instance.server = await this.#launch(instance.proxy)
        return
      } catch (error) {
        if (tries === startTries) throw error
      }
    }
  }

  async stop(): Promise<void> {
    for (const { proxy, server } of this.instances) {
      await server.stop('SIGKILL')
      proxy.stop()
    }
    await this.sqld.stop()
  }

  #launch({ port }: TcpProxy): Promise<Server> {
    return startServer(addressOf(name, port), this.#fault)
  }
}
