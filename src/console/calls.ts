import { ZaasClientError } from '../client/index.ts'
import { messageOf } from './problem.ts'

/** Hears in words that a key opens nothing, or no longer. */
export type OnRefused = (message: string) => void

/** How the console calls zaas: once, since it asks again by itself and tells meanwhile what is wrong. */
export const connection = { origin: location.origin, triesMax: 1 }

/** Makes a function that passes on what a call brings or throws; `onRefused` hears of a refusal first. */
export function reportingTo(onRefused: OnRefused) {
  return async <Value>(call: Promise<Value>): Promise<Value> => {
    try {
      return await call
    } catch (error) {
      if (isRefusal(error)) onRefused(messageOf(error))
      throw error
    }
  }
}

const isRefusal = (error: unknown) =>
  error instanceof ZaasClientError &&
  (error.code === 'unauthenticated' || error.code === 'forbidden')
