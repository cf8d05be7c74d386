import type { ListText } from '../../../domain/item.ts'
import type { Call, Line, Message, Reply } from './messages.ts'

// How messages and replies are posted: as JSON, with the texts of long lists beside it. Bun passes strings, and
// arrays of strings, to a thread without copying them; escaping a text of 16 MiB into JSON and parsing it again
// would block both threads.

/** A string alone, if there are no texts. */
export type Parcel = string | [json: string, ...texts: string[]]

export function packMessages(messages: readonly Message[]): Parcel {
  const texts: string[] = []
  const light = messages.map((message) =>
    hasLists(message)
      ? { ...message, args: message.args.map((arg) => detach(arg, texts)) }
      : message,
  )
  return pack(light, texts)
}

export function unpackMessages(parcel: Parcel): Message[] {
  if (typeof parcel === 'string') return JSON.parse(parcel)
  const [json, ...texts] = parcel
  const messages: Message[] = JSON.parse(json)
  for (const message of messages) {
    if (hasLists(message)) for (const arg of message.args) attach(arg, texts)
  }
  return messages
}

export function packReplies(replies: readonly (Reply<unknown> | Line)[]): Parcel {
  const texts: string[] = []
  const light = replies.map((reply) => {
    if ('line' in reply) return reply
    const { value } = reply
    const hasConflicts = typeof value === 'object' && value !== null && 'conflicts' in value
    return hasConflicts ? { ...reply, value: detach(value, texts) } : reply
  })
  return pack(light, texts)
}

export function unpackReplies(parcel: Parcel): (Reply<never> | Line)[] {
  if (typeof parcel === 'string') return JSON.parse(parcel)
  const [json, ...texts] = parcel
  const replies: (Reply<never> | Line)[] = JSON.parse(json)
  for (const reply of replies) if ('value' in reply) attach(reply.value ?? {}, texts)
  return replies
}

const pack = (light: readonly unknown[], texts: readonly string[]): Parcel =>
  texts.length === 0 ? JSON.stringify(light) : [JSON.stringify(light), ...texts]

const hasLists = (message: Message): message is Call<'changeItems' | 'replaceItems'> =>
  'name' in message && (message.name === 'changeItems' || message.name === 'replaceItems')

/** Copies an object, with the index of each text in its place. */
function detach(object: object, texts: string[]): object {
  const members = Object.entries(object).map(([name, value]) =>
    isText(value)
      ? [name, { text: texts.push(value.json) - 1, count: value.count }]
      : [name, value],
  )
  return Object.fromEntries(members)
}

function attach(object: object, texts: readonly string[]): void {
  for (const [name, value] of Object.entries(object)) {
    if (!isDetached(value)) continue
    Object.assign(object, { [name]: { json: texts[value.text] ?? '[]', count: value.count } })
  }
}

const isText = (value: unknown): value is ListText =>
  typeof value === 'object' && value !== null && 'json' in value

const isDetached = (value: unknown): value is { text: number; count: number } =>
  typeof value === 'object' && value !== null && 'text' in value
