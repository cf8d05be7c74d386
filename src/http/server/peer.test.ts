import { expect, test } from 'bun:test'
import { peerOf } from './peer.ts'

/** A server that a request reached from this address. */
const reachedFrom = (address: string) =>
  Object.assign(Object.create(null), { requestIP: () => ({ address, family: 'IPv4', port: 1 }) })

const requestWith = (forwarded?: string) =>
  new Request('http://localhost/', {
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  })

test.each([
  ['203.0.113.7', undefined, { peer: '203.0.113.7' }],
  ['203.0.113.7', '198.51.100.1', { peer: '203.0.113.7' }],
  ['2001:db8::1', '198.51.100.1', { peer: '2001:db8::1' }],
  ['172.32.0.1', '198.51.100.1', { peer: '172.32.0.1' }],
  ['127.0.0.1', undefined, { peer: '127.0.0.1' }],
  ['127.0.0.1', '198.51.100.1', { peer: '127.0.0.1', forwardedFor: '198.51.100.1' }],
  ['10.1.2.3', '1.1.1.1, 198.51.100.1', { peer: '10.1.2.3', forwardedFor: '198.51.100.1' }],
  ['::ffff:10.1.2.3', '2001:db8::2', { peer: '10.1.2.3', forwardedFor: '2001:db8::2' }],
  ['::1', '198.51.100.1', { peer: '::1', forwardedFor: '198.51.100.1' }],
  ['fd00::1', '198.51.100.1', { peer: 'fd00::1', forwardedFor: '198.51.100.1' }],
  ['127.0.0.1', 'zaas_0000', { peer: '127.0.0.1' }],
  ['127.0.0.1', '198.51.100.1, "x"', { peer: '127.0.0.1' }],
])('a request from %s, forwarded for %p, is from %p', (address, forwarded, peer) => {
  expect(peerOf(reachedFrom(address), requestWith(forwarded))).toEqual(peer)
})

test('without a server nothing is known of a peer', () => {
  expect(peerOf(undefined, requestWith('198.51.100.1'))).toEqual({})
})
