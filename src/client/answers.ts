import type { operations } from './api.ts'

/** What a call answers with 200. */
type Answer<Id extends keyof operations> = operations[Id]['responses'] extends {
  200: { content: { 'application/json': infer Body } }
}
  ? Body
  : never

export type MatchOutcome = Answer<'match'>
/** Why a match gave nothing. */
export type RefusalReason = Extract<MatchOutcome, { success: false }>['reason']
export type BatchOutcome = Answer<'matchBatch'>['results'][number]
export type ConfirmOutcome = Answer<'confirmHold'>
export type ItemPage = Answer<'listItems'>
export type Item = ItemPage['items'][number]
export type Stats = Answer<'countItems'>
export type StatsHistory = Answer<'countItemsOverTime'>
export type NamespaceState = Answer<'getNamespace'>
export type BatchPage = Answer<'listBatches'>
export type ItemBatch = BatchPage['batches'][number]
export type BatchState = Answer<'getBatch'>
export type BatchRemoved = Answer<'removeBatch'>
export type HistoryPage = Answer<'listHistory'>
export type HistoryEvent = HistoryPage['events'][number]
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

export type WholeHistoryPage = Answer<'listWholeHistory'>
export type WholeHistoryEvent = WholeHistoryPage['events'][number]

/** What a call takes as its JSON body. */
type Body<Id extends keyof operations> = operations[Id] extends {
  requestBody: { content: { 'application/json': infer Json } }
}
  ? Json
  : never

/** What is left out stays, and null brings back the default. */
export type SettingsChange = Body<'changeSettings'>
export type Change = Undefinable<Body<'changeItems'>>
export type NewItem = Body<'replaceItems'>['items'][number]

/** Lets properties that may be left out be undefined, too. */
type Undefinable<Properties> = {
  [Name in keyof Properties]: undefined extends Properties[Name]
    ? Properties[Name] | undefined
    : Properties[Name]
}
