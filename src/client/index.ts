export {
  type Admin,
  type AdminOptions,
  createAdmin,
  type KeyFilter,
  type NamespaceFilter,
  type NewKey,
  type Scope,
} from './admin.ts'
export type {
  BatchOutcome,
  BatchPage,
  BatchRemoved,
  BatchState,
  Change,
  Changed,
  ConfirmOutcome,
  CreatedKey,
  ExportType,
  HistoryEvent,
  HistoryPage,
  Imported,
  Item,
  ItemBatch,
  ItemPage,
  Key,
  KeyPage,
  MatchOutcome,
  NamespaceCounts,
  NamespacePage,
  NamespaceState,
  NewItem,
  RefusalReason,
  Replaced,
  SettingsChange,
  Stats,
  StatsHistory,
  WholeHistoryEvent,
  WholeHistoryPage,
} from './answers.ts'
export {
  type Client,
  type ClientOptions,
  createClient,
  type Filter,
  type HistoryRange,
  type Upload,
} from './client.ts'
export { type ErrorCode, errorOf, type FieldError, ZaasClientError } from './errors.ts'
export type { HistorySubject } from './history.ts'
export type { Confirmation, MatchOptions, SlottedRequestor } from './matches.ts'
export type { CallOptions, ChangeOptions, ImportOptions, ImportType } from './options.ts'
export type { Paging } from './pages.ts'
