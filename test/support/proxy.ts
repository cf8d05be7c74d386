import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Direction = 'request' | 'answer'
/** `cut` resets the connection of this piece on both sides; `hold` keeps it back until `release`. */
export type Fate = 'pass' | 'cut' | 'hold'

/**
 * A TCP proxy to a port of this machine. `decide` is asked about each piece of data that comes through,
 * and told the connection that it came on; it may be replaced at any time.
 */
export async function startProxy(targetPort: number) {
  let decide: (direction: Direction, piece: Buffer, connection: Socket) => Fate = () => 'pass'
  const open = new Set<Socket>()
  const held: (() => void)[] = []

  const relay = (direction: Direction, from: Socket, to: Socket) => {
    const connection = direction === 'request' ? from : to
    // What comes behind a held piece waits for it.
    let holding = false
    from.on('data', (piece: Buffer) => {
      const fate = holding ? 'hold' : decide(direction, piece, connection)
      if (fate === 'cut') {
        from.resetAndDestroy()
        to.resetAndDestroy()
      } else if (fate === 'hold') {
        holding = true
        held.push(() => {
          holding = false
          if (!to.destroyed) to.write(piece)
        })
      } else if (!to.destroyed) to.write(piece)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }

  const server = createServer((client) => {
    const target = connect({ host: '127.0.0.1', port: targetPort })
    for (const socket of [client, target]) {
      socket.setNoDelay(true)
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    relay('request', client, target)
    relay('answer', target, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    decide: (next: typeof decide) => {
      decide = next
    },
    /** Lets all held pieces go, in their order. */
    release: () => {
      for (const go of held.splice(0)) go()
    },
    /** Resets every open connection. */
    cutAll: () => {
      for (const socket of open) socket.resetAndDestroy()
    },
    stop: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

export type TcpProxy = Awaited<ReturnType<typeof startProxy>>
