// What Bun's server costs alone: the body is read, and nothing is checked.
const headers = { 'content-type': 'application/json' }
const item = '0123456789ABCDEF'

Bun.serve({
  port: Number(process.env['PORT']),
  hostname: '127.0.0.1',
  routes: {
    '/': new Response('ready'),
    '/namespaces/:namespace/match': async (request) => {
      const { requestor }: { requestor?: string } = Object(await request.json())
      const matchedAt = new Date().toISOString()
      const alreadyMatched = requestor === ''
      return new Response(
        JSON.stringify({ success: true, item, matchedAt, alreadyMatched, message: 'Matched' }),
        { headers },
      )
    },
  },
  development: false,
  reusePort: false,
})
