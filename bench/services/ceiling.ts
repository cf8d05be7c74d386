import { serve } from './route.ts'

// What is left when matching costs nothing: no service behind this route can be faster.
await serve(async () => ({
  kind: 'matched',
  item: '0123456789ABCDEF',
  data: null,
  expiresAt: null,
  heldUntil: null,
  matchedAt: Date.now(),
  alreadyMatched: false,
}))
