import { createServer, type Socket } from 'node:net'

/** A receiver on loopback that does what it likes with a connection, and how many it has open. It ends with the process. */
export async function startSocketReceiver(use: (socket: Socket) => void) {
  const open = new Set<Socket>()
  let accepted = 0
  const server = createServer((socket) => {
    accepted++
    open.add(socket)
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    use(socket)
  })
  server.unref()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/`, open, accepted: () => accepted }
}

/** One that begins an answer and never ends it. */
export const startTricklingReceiver = () =>
  startSocketReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x: y\r\n'), 100)
    socket.on('close', () => clearInterval(timer))
  })

/** One that sends everybody to another address. */
export const startRedirectingReceiver = (location: string) =>
  startSocketReceiver((socket) =>
    socket.on('data', () =>
      socket.end(`HTTP/1.1 307 X\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
    ),
  )
