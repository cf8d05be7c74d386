import { Webhook } from 'standardwebhooks'
import type { Attempt, LeasedDelivery } from '../../domain/webhook.ts'
import { yieldToEventLoop } from '../../event-loop.ts'
import { limits } from '../../limits.ts'
import type { Job, JobDeps } from '../job.ts'
import { post } from './post.ts'

const { sendingMax, pollMs, tryMs, retryAfterMs, forgetEveryMs } = limits.webhooks

type Deps = JobDeps<'leaseDeliveries' | 'recordAttempts' | 'tidyWebhooks'> & {
  allowPrivate: boolean
}

/**
 * Sends events to webhooks: looks for what is due, leases it, so that no other instance sends it, and records what
 * became of it. Sends at most `sendingMax` at once, so what it keeps in memory is bounded; what is not recorded, since the
 * database fails or the process ends, is sent again once the lease has ended, with the same id.
 */
export class WebhookSender implements Job {
  readonly #deps: Deps
  readonly #sending = new Set<{ webhook: string; ended: Promise<void> }>()
  readonly #stopping = new AbortController()
  #attempts: Attempt[] = []
  #timer: Timer | undefined
  #pass: Promise<void> | undefined
  #again = false
  #started = false
  #tidiedAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: Deps) {
    this.#deps = deps
  }

  start(): void {
    this.#started = true
    this.wake()
  }

  /** Looks for what is due now, without waiting for the next poll. */
  wake(): void {
    if (!this.#started) return
    this.#again = true
    this.#pass ??= this.#run().finally(() => {
      this.#pass = undefined
      if (this.#started) this.#timer = setTimeout(() => this.wake(), pollMs)
    })
  }

  /** Gives up what is being sent. */
  async stop(): Promise<void> {
    this.#started = false
    clearTimeout(this.#timer)
    this.#stopping.abort()
    await this.#pass
    await Promise.all([...this.#sending].map(({ ended }) => ended))
    await this.#record().catch(this.#warn)
  }

  readonly #warn = (err: unknown) => this.#deps.log.warn({ err }, 'could not send webhooks')

  async #run(): Promise<void> {
    clearTimeout(this.#timer)
    try {
      while (this.#again && this.#started) {
        this.#again = false
        // Whatever ends in the same turn is recorded together.
        await yieldToEventLoop()
        await this.#record()
        await this.#lease()
        await this.#tidy()
      }
    } catch (err) {
      this.#warn(err)
    }
  }

  async #record(): Promise<void> {
    const attempts = [...this.#attempts]
    if (attempts.length === 0) return
    const { store, clock } = this.#deps
    const disabled = await store.recordAttempts(attempts, {
      now: clock().getTime(),
      actor: 'process',
    })
    this.#attempts = this.#attempts.slice(attempts.length)
    this.#logDisabled(disabled, 'its receiver answered 410')
  }

  async #lease(): Promise<void> {
    const { store, clock } = this.#deps
    const limit = sendingMax - this.#sending.size
    if (limit <= 0) return
    const sending: Record<string, number> = {}
    for (const { webhook } of this.#sending) sending[webhook] = (sending[webhook] ?? 0) + 1
    const context = { now: clock().getTime(), actor: 'process' } as const
    const leased = await store.leaseDeliveries({ limit, sending }, context)
    for (const delivery of leased) this.#begin(delivery)
  }

  #begin(delivery: LeasedDelivery): void {
    const { webhook } = delivery
    const one = { webhook, ended: Promise.resolve() }
    one.ended = this.#send(delivery).then((attempt) => {
      this.#sending.delete(one)
      if (attempt) this.#attempts.push(attempt)
      this.wake()
    })
    this.#sending.add(one)
  }

  /** Returns nothing if the job is stopped meanwhile. */
  async #send(delivery: LeasedDelivery): Promise<Attempt | undefined> {
    const { clock, allowPrivate, log } = this.#deps
    const { number, lease, webhook, url, body } = delivery
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(tryMs)])
    let httpStatus: number | null = null
    try {
      const headers = headersOf(delivery, clock())
      httpStatus = await post(new URL(url), { headers, body }, { allowPrivate, signal })
    } catch (err) {
      if (this.#stopping.signal.aborted) return undefined
      log.debug({ err, webhook, delivery: delivery.id }, 'could not deliver an event')
    }
    const gone = httpStatus === 410
    const delivered = httpStatus !== null && httpStatus >= 200 && httpStatus < 300
    const nextAttemptAt =
      delivered || gone ? null : nextAttempt(delivery.attempts, clock().getTime())
    const status = delivered ? 'delivered' : nextAttemptAt === null ? 'failed' : 'pending'
    if (status === 'failed')
      log.warn({ webhook, delivery: delivery.id, httpStatus }, 'gave up delivering an event')
    return { number, webhook, lease, status, httpStatus, nextAttemptAt, gone }
  }

  async #tidy(): Promise<void> {
    if (performance.now() - this.#tidiedAtMs < forgetEveryMs) return
    const { store, clock } = this.#deps
    const { disabled, more } = await store.tidyWebhooks({
      now: clock().getTime(),
      actor: 'process',
    })
    if (more) this.#again = true
    else this.#tidiedAtMs = performance.now()
    this.#logDisabled(disabled, 'too much is undelivered')
  }

  #logDisabled(webhooks: readonly string[], reason: string): void {
    for (const webhook of webhooks)
      this.#deps.log.warn({ webhook }, `disabled a webhook: ${reason}`)
  }
}

function headersOf({ id, secrets, body }: LeasedDelivery, now: Date): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'zaas',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
  }
}

/** After so many tries before, and one that has just failed; null after the last one. */
function nextAttempt(attemptsBefore: number, now: number): number | null {
  const pause = retryAfterMs[attemptsBefore]
  return pause === undefined ? null : now + Math.round(pause * (0.9 + 0.2 * Math.random()))
}
