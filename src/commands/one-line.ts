/** An error and its causes on one line, for people. */
export function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  if (cause === undefined) return onOneLine(message)
  return onOneLine(`${message}${message.endsWith('.') ? '' : ':'} ${oneLine(cause)}`)
}

const onOneLine = (text: string) => text.replaceAll(/\s+/g, ' ')
