import { RedisClient } from 'bun'
import { serve } from './route.ts'

// One round trip for a match; the client joins the commands of one turn of the event loop into one write.
const script = `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held then return {held, 1} end
local item = redis.call('LPOP', KEYS[2])
if not item then return {} end
local match = ARGV[2] .. ' ' .. item
redis.call('HSET', KEYS[1], ARGV[1], match)
return {match, 0}`

const redis = new RedisClient(process.env['REDIS_URL'])
await redis.connect()
const sha = String(await redis.send('SCRIPT', ['LOAD', script]))

serve(async (namespace, requestor) => {
  const keys = ['2', `matched:${namespace}`, `available:${namespace}`]
  const answer: unknown = await redis.send('EVALSHA', [sha, ...keys, requestor, String(Date.now())])
  const [match, held] = Array.isArray(answer) ? answer : []
  const [matchedAt, item] = match === undefined ? [] : String(match).split(' ')
  return { item, matchedAt: Number(matchedAt), alreadyMatched: held === 1 }
})
