import { serve } from './route.ts'

// What the route costs when matching costs nothing.
serve(async () => ({ item: '0123456789ABCDEF', matchedAt: Date.now(), alreadyMatched: false }))
