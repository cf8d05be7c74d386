import { connect, type Socket } from 'node:net'

export type RawAnswer = { status: number; head: string; body: string; closes: boolean }

/**
 * One keep-alive HTTP/1.1 connection without the kindness of `fetch`, which sends again what a closed
 * connection left unanswered. One request at a time, answers with content-length only.
 */
export class Connection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #waiting: { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void } | undefined
  #end: string | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#ended(error.message))
    socket.on('end', () => this.#ended('closed by the server'))
    socket.on('close', () => this.#ended('closed'))
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  /** Whether the server has closed it, so that nobody would send anything more on it. */
  get closed(): boolean {
    return this.#end !== undefined
  }

  /** Throws when the connection ends before the whole answer is there. */
  request(method: string, path: string, headers: Record<string, string>, body = '') {
    const lines = Object.entries({
      host: 'localhost',
      ...headers,
      ...(body && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    return new Promise<RawAnswer>((resolve, reject) => {
      if (this.#end !== undefined) return reject(new Error(`was ${this.#end} before the request`))
      this.#waiting = { resolve, reject }
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    const bodyAt = this.#received.indexOf('\r\n\r\n') + 4
    if (bodyAt < 4) return
    const head = this.#received.subarray(0, bodyAt).toString('latin1')
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1])
    if (!(this.#received.length >= bodyAt + length)) return
    const body = this.#received.subarray(bodyAt, bodyAt + length).toString()
    this.#received = this.#received.subarray(bodyAt + length)
    const status = Number(head.split(' ')[1])
    this.#waiting?.resolve({ status, head, body, closes: /^connection: *close/im.test(head) })
    this.#waiting = undefined
  }

  #ended(how: string): void {
    this.#end ??= how
    this.#waiting?.reject(new Error(`${how} after ${this.#received.length} bytes of an answer`))
    this.#waiting = undefined
  }
}
