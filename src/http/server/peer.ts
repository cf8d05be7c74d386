import { BlockList, isIP } from 'node:net'
import { limits } from '../../limits.ts'

/** Who asked: the address at the other end of the connection, and the one that a proxy there has told. */
export type Peer = { peer?: string; forwardedFor?: string }

const originals = new WeakMap<Request, Request>()

/**
 * Keeps the connection of a request open, however long its response takes. Returns what sets the idle timeout
 * again: it would stay lifted for as long as the client keeps the connection.
 */
export function keepOpen(
  server: Bun.Server<unknown> | undefined,
  request: Request,
  idleSeconds: number = limits.http.idleSeconds,
): () => void {
  const original = originals.get(request) ?? request
  server?.timeout(original, 0)
  return () => server?.timeout(original, idleSeconds)
}

/** Returns `request`, of which Bun knows the sender only by the request that it was made from. */
export function keepSender(request: Request, original: Request): Request {
  originals.set(request, original)
  return request
}

/**
 * Who sent a request to this server. A proxy puts the address that it sees at the end of `x-forwarded-for`; what
 * stands before it, anybody may have written. It is believed of peers with private addresses alone.
 */
export function peerOf(server: Bun.Server<unknown> | undefined, request: Request): Peer {
  const address = server
    ?.requestIP(originals.get(request) ?? request)
    ?.address.replace(/^::ffff:(?=[\d.]+$)/, '')
  if (address === undefined) return {}
  const forwarded = request.headers.get('x-forwarded-for') ?? ''
  const last = forwarded.slice(forwarded.lastIndexOf(',') + 1).trim()
  return isPrivate(address) && isIP(last) > 0
    ? { peer: address, forwardedFor: last }
    : { peer: address }
}

// RFC 1918, 1122 (3.2.1.3), 3927, 4193 and 4291 (2.5.3, 2.5.6).
const privateAddresses = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const) {
  privateAddresses.addSubnet(net, bits, 'ipv4')
}
privateAddresses.addSubnet('fc00::', 7, 'ipv6')
privateAddresses.addSubnet('fe80::', 10, 'ipv6')
privateAddresses.addAddress('::1', 'ipv6')

const isPrivate = (address: string) =>
  privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
