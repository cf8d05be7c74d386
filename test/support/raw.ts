import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

type Options = {
  /** The name of the server, for TLS; its certificate is not checked. */
  tls?: string
  /** After so long without a byte either way the connection is cut. */
  quietMs?: number
}

/** A connection on which a test writes bytes (Latin-1) as they stand, and reads what comes. */
export class RawConnection {
  received = ''
  /** All that came, once the connection has ended. */
  readonly whole: Promise<string>
  readonly #socket: Socket
  readonly #looks = new Set<() => void>()

  constructor(port: number, { tls, quietMs = 0 }: Options = {}) {
    const to = { host: '127.0.0.1', port, allowHalfOpen: true }
    this.#socket = tls
      ? connectTls({ ...to, servername: tls, rejectUnauthorized: false })
      : connectTcp(to)
    this.#socket.setTimeout(quietMs, () => this.#socket.destroy())
    this.#socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1')
      for (const look of this.#looks) look()
    })
    this.#socket.on('end', () => this.#socket.end())
    this.whole = new Promise((resolve, reject) => {
      this.#socket.on('error', reject)
      this.#socket.on('close', () => resolve(this.received))
    })
  }

  send(bytes: string): void {
    this.#socket.write(bytes, 'latin1')
  }

  /** Ends this half of the connection, right behind the bytes. */
  end(bytes = ''): void {
    this.#socket.end(bytes, 'latin1')
  }

  cut(): void {
    this.#socket.destroy()
  }

  /** Waits for answers of this form; throws when the connection ends without. */
  async until(form: RegExp): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => form.test(this.received) && resolve()
    this.#looks.add(look)
    look()
    const cut = this.whole.then((all) => {
      if (!form.test(all)) throw new Error(`The connection ended after ${JSON.stringify(all)}`)
    })
    await Promise.race([promise, cut])
    this.#looks.delete(look)
    return this.received
  }
}

/** What a server answers to these bytes until it closes the connection. */
export function rawAnswer(port: number, request: string, options?: Options): Promise<string> {
  const connection = new RawConnection(port, options)
  connection.send(request)
  return connection.whole
}
