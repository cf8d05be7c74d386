// Where events may be sent: nowhere inside the network of zaas, whatever a name resolves to.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { CheckReceiver } from '../../domain/webhook.ts'
import { limits } from '../../limits.ts'

export type Address = { address: string; family: number }

/** Thrown for an address to which nothing is sent; the message says, behind the name of the field, what it must be. */
export class BadReceiver extends Error {
  override readonly name = 'BadReceiver'
}

/**
 * Resolves the host of a URL, and returns the addresses to connect to. Throws BadReceiver unless all of them are
 * public and the URL is https; `allowPrivate` allows all addresses, and http.
 */
export async function resolveReceiver(url: URL, allowPrivate: boolean): Promise<Address[]> {
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    throw new BadReceiver('must be an https:// URL')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  const addresses = family === 0 ? await resolved(host) : [{ address: host, family }]
  if (!allowPrivate && !addresses.every(({ address }) => isPublic(address)))
    throw new BadReceiver(
      'must not lead to an address that is private, loopback, link-local or otherwise reserved',
    )
  return addresses
}

/** The check of the address of a new webhook. */
export const receiverCheck =
  (allowPrivate: boolean): CheckReceiver =>
  async (url) => {
    try {
      await resolveReceiver(new URL(url), allowPrivate)
      return undefined
    } catch (error) {
      if (error instanceof BadReceiver) return error.message
      throw error
    }
  }

async function resolved(host: string): Promise<Address[]> {
  const { promise, resolve } = Promise.withResolvers<Address[]>()
  const timer = setTimeout(() => resolve([]), limits.webhooks.resolveMs)
  lookup(host, { all: true }).then(resolve, () => resolve([]))
  const found = await promise
  clearTimeout(timer)
  if (found.length === 0) throw new BadReceiver('must name a host that can be resolved')
  return found
}

const globalUnicast = ipaddr.parseCIDR('2000::/3')

/** Whether an address is one of the public internet, in IPv6 also the IPv4 address inside of it. */
export function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast'
  // NAT64: how hosts without IPv4 reach it.
  if (address.range() === 'rfc6052') return isPublic(address.toByteArray().slice(12).join('.'))
  return address.range() === 'unicast' && address.match(globalUnicast)
}
