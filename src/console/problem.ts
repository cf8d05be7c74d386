type Body = { detail?: string; code?: string; errors?: { pointer: string; detail: string }[] }

/** What the API answers instead of what was asked for, in its own words. */
export class Problem extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, { detail, code = '', errors = [] }: Body) {
    const places = errors.map((error) => `${error.pointer.slice(2)} ${error.detail}`)
    super(places.join('; ') || detail || `The server answered ${status}.`)
    this.status = status
    this.code = code
  }

  /** Whether the key opens nothing here, or no longer. */
  get refused(): boolean {
    return this.code === 'unauthenticated' || this.code === 'forbidden'
  }
}

export const unreachable = () =>
  new Problem(0, { detail: 'The server cannot be reached.', code: 'unreachable' })

/** The problem in an answer, whatever stands in its body. */
export function problemIn(status: number, text: string): Problem {
  try {
    return new Problem(status, JSON.parse(text))
  } catch {
    return new Problem(status, {})
  }
}

/** What to tell of an error. Throws one that is no problem but a bug. */
export function messageOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  throw error
}
