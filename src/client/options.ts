export type ConnectionOptions = {
  /** Where zaas is, such as `https://zaas.example`; a path in front of its routes is fine. */
  origin: string
  /** How often a call is tried, if it may be repeated: 5 unless said. */
  triesMax?: number | undefined
  /** How long each try may take: 10,000 unless said. It bounds neither an import nor an export. */
  timeoutMs?: number | undefined
}

export type CallOptions = {
  /** Ends the call, whatever it is doing; it then throws the signal's reason. */
  signal?: AbortSignal | undefined
}

/** The properties that are not undefined. */
export function given<Properties extends object>(properties: Properties): Given<Properties> {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Given<Properties>
}

type Given<Properties> = { [Name in keyof Properties]: Exclude<Properties[Name], undefined> }
