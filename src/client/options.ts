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

export type ChangeOptions = CallOptions & {
  /**
   * 1 to 128 printable ASCII characters that name this change for 24 hours. It is then made once, and so it is repeated
   * when its answer is lost. With another body the key is a `conflict`.
   */
  idempotencyKey?: string | undefined
}

export type ImportType = 'text/plain' | 'text/csv' | 'application/x-ndjson'
/** What a file does not tell of itself, and what becomes of it: docs/imports.md has more. */
export type ImportOptions = {
  /** A line is an item unless said. */
  type?: ImportType | undefined
  /** By the WHATWG names; UTF-8, or UTF-16 with a byte order mark, needs none. */
  charset?: string | undefined
  /** The column of the items: a heading, or a number counted from 1. */
  column?: string | number | undefined
  delimiter?: ',' | ';' | '\t' | '|' | undefined
  /** Whether the first line has headings. */
  header?: boolean | undefined
  /** `keep` brings along what the file says is handed out; `drop` adds it as available. */
  matches?: 'keep' | 'drop' | undefined
  /** The label of what comes in; one is made unless said. */
  batch?: string | undefined
  /** The columns that become the data of their items. */
  data?: readonly string[] | undefined
  /** `false` leaves removed items removed. */
  restore?: boolean | undefined
  /** Changes nothing, and answers what would be done. */
  dryRun?: boolean | undefined
}

/** The properties that are not undefined. */
export function given<Properties extends object>(properties: Properties): Given<Properties> {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Given<Properties>
}

type Given<Properties> = { [Name in keyof Properties]: Exclude<Properties[Name], undefined> }
