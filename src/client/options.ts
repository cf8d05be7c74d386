export type ConnectionOptions = {
  /** Where zaas is, such as `https://zaas.example`; a path in front of its routes is fine. */
  origin: string
  /** How often a call is tried, if it may be repeated: 5 unless said. */
  triesMax?: number | undefined
  /** How long each try may take: 10,000 unless said. It does not bound an import. */
  timeoutMs?: number | undefined
}

export type CallOptions = {
  /** Ends the call, whatever it is doing; it then throws the signal's reason. */
  signal?: AbortSignal | undefined
}
