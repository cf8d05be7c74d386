import { Webhook } from 'standardwebhooks'

export type Received = {
  id: string
  timestamp: string
  signature: string
  body: { type: string; timestamp: string; data: Record<string, unknown> }
  text: string
}

/** A receiver of webhooks on loopback, which answers `status`, and what it got so far. */
export function startReceiver(answer: (received: Received) => Response | Promise<Response> = ok) {
  const received: Received[] = []
  const waiting = new Set<() => void>()
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const text = await request.text()
      const one = {
        id: request.headers.get('webhook-id') ?? '',
        timestamp: request.headers.get('webhook-timestamp') ?? '',
        signature: request.headers.get('webhook-signature') ?? '',
        body: JSON.parse(text),
        text,
      }
      received.push(one)
      for (const look of waiting) look()
      return answer(one)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    received,
    /** Waits until so much was received. */
    until: (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (received.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: () => server.stop(true),
  }
}

export type Receiver = ReturnType<typeof startReceiver>

const ok = () => new Response('ok')

/** Whether a signature is that of this secret, going by the specification's own library. */
export function isSignedBy(secret: string, { id, timestamp, signature, text }: Received): boolean {
  const signed = new Webhook(secret).sign(id, new Date(Number(timestamp) * 1_000), text)
  return signature.split(' ').includes(signed)
}
