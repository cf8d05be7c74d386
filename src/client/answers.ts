import type { operations } from './api.ts'

/** What a call answers with 200. */
type Answer<Id extends keyof operations> = operations[Id]['responses'] extends {
  200: { content: { 'application/json': infer Body } }
}
  ? Body
  : never

export type MatchOutcome = Answer<'match'>
export type ItemPage = Answer<'listItems'>
export type Item = ItemPage['items'][number]
export type Stats = Answer<'countItems'>
export type Changed = Answer<'changeItems'>
export type Replaced = Answer<'replaceItems'>
export type Imported = Answer<'importItems'>
/** The types that a whole list can be had in. */
export type ExportType = keyof operations['listItems']['responses'][200]['content']

export type CreatedKey = Answer<'createKey'>
export type KeyPage = Answer<'listKeys'>
export type Key = KeyPage['apiKeys'][number]
export type NamespacePage = Answer<'listNamespaces'>
export type NamespaceCounts = NamespacePage['namespaces'][number]
