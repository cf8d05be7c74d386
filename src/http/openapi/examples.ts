import type { Scope } from '../../domain/api-key.ts'
import type { FieldError } from '../../domain/errors.ts'

/** What the OpenAPI document shows of an operation besides its schemas. */
export type Example = {
  scope?: Scope
  /** Bodies by media type. Swagger UI's "Try it out" starts with the first one. */
  request?: Record<string, unknown>
  answer: Record<string, unknown>
  /** The field error of a 422. */
  invalid: FieldError
}

export const exampleNamespace = 'summer-sale'
export const exampleBatch = 'june'
export const exampleWebhook = 'whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c'
export const exampleDelivery = 'msg_1a723df724fadd23ae2b075df4d9a1d2'
const createdAt = '2030-06-01T09:00:00.000Z'
const matchedAt = '2030-06-01T09:30:00.000Z'
const unknown = (known: string) => ({
  pointer: '#',
  detail: `the 1st parameter of the query is unknown; ${known}`,
})
const noQuery = unknown('this route takes none')
const sunTwo = { item: 'SUN-2', data: { pin: '0042' }, expiresAt: '2035-12-31T23:59:59.000Z' }
const items = [
  { ...available('SUN-1'), requestor: 'user-123', matchedAt, status: 'matched' },
  { ...available('SUN-2'), ...sunTwo },
  available('SUN-3'),
]
const counts = {
  added: 0,
  restored: 0,
  removed: 0,
  released: 0,
  updated: 0,
  unchanged: 0,
  conflicts: [],
}
const stats = {
  ...{ total: 3, matched: 1, available: 2, held: 0, expired: 0 },
  ...{ perDay: 1, runsOutAt: '2030-06-03T09:30:00.000Z' },
}
const settings = {
  description: null,
  paused: null,
  opensAt: null,
  closesAt: null,
  expiryMarginSeconds: null,
  itemsPerRequestor: null,
  lowStockBelow: null,
  requestors: null,
}
const scopes: readonly Scope[] = ['match', 'read', 'write', 'manage']
const batch = {
  batch: exampleBatch,
  at: createdAt,
  by: { keyId: 'key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c' },
  received: 3,
}
const key = {
  id: 'key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c',
  namespace: exampleNamespace,
  name: 'shop',
  scopes,
  createdAt,
  expiresAt: null,
}

const requestId = '0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60'
const events = ['SUN-3', 'SUN-2', 'SUN-1'].map((item) => ({
  ...{ at: createdAt, event: 'added', item, requestor: null, slot: null },
  by: { keyId: key.id, name: key.name },
  ...{ requestId, batch: exampleBatch, note: null },
}))
const keyCreated = {
  ...{ namespace: exampleNamespace, at: createdAt, event: 'key.created' },
  ...{ item: null, requestor: null, slot: null },
  by: { masterKey: '5f0c9a5e' },
  ...{ requestId, batch: null, note: null },
}
const webhook = {
  id: exampleWebhook,
  url: 'https://hooks.example.com/zaas',
  events: ['stock.low', 'stock.exhausted', 'stock.refilled'],
  namespaces: [exampleNamespace],
  createdAt,
  disabledAt: null,
}
const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2bZwN0v4eIo='
const delivery = {
  id: exampleDelivery,
  event: 'webhook.test',
  namespace: null,
  at: createdAt,
  attempts: 0,
  status: 'pending',
  lastStatus: null,
  nextAttemptAt: createdAt,
}

/**
 * An example of each operation. In this order they form one scenario, which a test plays back, so the answers
 * are what zaas really answers.
 */
export const examples: Record<string, Example> = {
  'POST /admin/api-keys': {
    request: { 'application/json': { namespace: exampleNamespace, name: 'shop', scopes } },
    answer: {
      'application/json': {
        success: true,
        message: 'API key created successfully',
        ...key,
        apiKey: 'zaas_3fK9mZqT7bXw2LcVn8RdYh5PsGj4E1aU0',
      },
    },
    invalid: { pointer: '#/namespace', detail: 'is required' },
  },
  'PATCH /namespaces/{namespace}/items': {
    scope: 'write',
    request: {
      'application/json': {
        add: ['SUN-1', sunTwo, 'SUN-3'],
        batch: exampleBatch,
      },
    },
    answer: {
      'application/json': { success: true, message: 'Added 3 items', ...counts, added: 3 },
    },
    invalid: { pointer: '#/remove/0', detail: 'is in two of the lists' },
  },
  'POST /namespaces/{namespace}/match': {
    scope: 'match',
    request: { 'application/json': { requestor: 'user-123' } },
    answer: {
      'application/json': {
        success: true,
        item: 'SUN-1',
        data: null,
        expiresAt: null,
        matchedAt,
        alreadyMatched: false,
        message: 'Item successfully matched',
      },
    },
    invalid: { pointer: '#/requestor', detail: 'is required' },
  },
  'POST /namespaces/{namespace}/match/batch': {
    scope: 'match',
    request: {
      'application/json': { requestors: ['user-123', { requestor: 'user-123', slot: 'friend' }] },
    },
    answer: {
      'application/json': {
        results: [
          {
            requestor: 'user-123',
            slot: null,
            success: true,
            item: 'SUN-1',
            data: null,
            expiresAt: null,
            matchedAt,
            alreadyMatched: true,
            message: 'Item already assigned to this requestor',
          },
          {
            requestor: 'user-123',
            slot: 'friend',
            success: false,
            reason: 'limit_reached',
            message: 'This requestor has as many items as this namespace allows',
          },
        ],
      },
    },
    invalid: { pointer: '#/requestors', detail: 'is required' },
  },
  'POST /namespaces/{namespace}/confirm': {
    scope: 'match',
    request: { 'application/json': { requestor: 'user-123', item: 'SUN-1' } },
    answer: {
      'application/json': {
        success: true,
        item: 'SUN-1',
        data: null,
        expiresAt: null,
        matchedAt,
        alreadyMatched: true,
        message: 'Item already assigned to this requestor',
      },
    },
    invalid: { pointer: '#/item', detail: 'is required' },
  },
  'GET /namespaces/{namespace}/history': {
    scope: 'read',
    answer: { 'application/json': { events, nextCursor: null } },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /admin/history': {
    answer: {
      'application/json': {
        events: [
          ...events.map((event) => ({ namespace: exampleNamespace, ...event })),
          { ...keyCreated, keyId: key.id },
        ],
        nextCursor: null,
      },
    },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /namespaces/{namespace}/items': {
    scope: 'read',
    answer: {
      'application/json': { items, nextCursor: null },
      'text/csv': [
        Object.keys(available('')).join(','),
        ...items.map((row) => Object.values(row).map(cellOf).join(',')),
        '',
      ].join('\r\n'),
      'application/x-ndjson': items.map((row) => `${JSON.stringify(row)}\n`).join(''),
    },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /namespaces/{namespace}/stats': {
    scope: 'read',
    answer: { 'application/json': stats },
    invalid: noQuery,
  },
  'GET /namespaces/{namespace}/stats/history': {
    scope: 'read',
    answer: {
      'application/json': {
        points: [
          {
            ...{ at: '2030-06-01T09:00:00.000Z', added: 3, matched: 1, released: 0, removed: 0 },
            available: 2,
          },
        ],
      },
    },
    invalid: {
      pointer: '#/step',
      detail: 'must be a string: hour or day (step in the query)',
    },
  },
  'GET /admin/namespaces': {
    answer: {
      'application/json': {
        namespaces: [{ namespace: exampleNamespace, ...stats }],
        nextCursor: null,
      },
    },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /namespaces/{namespace}/batches': {
    scope: 'read',
    answer: { 'application/json': { batches: [batch], nextCursor: null } },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /namespaces/{namespace}/batches/{batch}': {
    scope: 'read',
    answer: {
      'application/json': { ...batch, available: 2, matched: 1, held: 0, expired: 0, removed: 0 },
    },
    invalid: noQuery,
  },
  'PATCH /namespaces/{namespace}': {
    scope: 'manage',
    request: { 'application/json': { description: 'Ten percent off', lowStockBelow: 100 } },
    answer: {
      'application/json': {
        namespace: exampleNamespace,
        settings: { ...settings, description: 'Ten percent off', lowStockBelow: 100 },
        stats,
      },
    },
    invalid: {
      pointer: '#/lowStockBelow',
      detail: 'must be a whole number from 1 to 1000000000, or null',
    },
  },
  'PATCH /admin/namespaces/{namespace}': {
    request: { 'application/json': { description: null, lowStockBelow: null } },
    answer: { 'application/json': { namespace: exampleNamespace, settings, stats } },
    invalid: {
      pointer: '#/lowStockBelow',
      detail: 'must be a whole number from 1 to 1000000000, or null',
    },
  },
  'GET /namespaces/{namespace}': {
    scope: 'read',
    answer: { 'application/json': { namespace: exampleNamespace, settings, stats } },
    invalid: noQuery,
  },
  'POST /namespaces/{namespace}/items': {
    scope: 'write',
    request: {
      'text/plain': 'MOON-1\nMOON-2\n',
      'text/csv': 'Code;Value\nMARS-1;10,00\nMARS-2;10,00\n',
      'application/x-ndjson': '"STAR-1"\n{"item":"STAR-2"}\n',
    },
    answer: {
      'application/json': {
        success: true,
        message: 'Added 2 items',
        batch: 'import-20300601T090000Z-3f9c1a7e',
        received: 2,
        added: 2,
        restored: 0,
        matched: 0,
        unchanged: 0,
        invalid: 0,
        leftRemoved: 0,
        expired: 0,
        mended: 0,
        warned: 0,
        read: {
          encoding: 'utf-8',
          delimiter: null,
          header: null,
          column: null,
          ignored: [],
          lines: 2,
        },
        warnings: [],
        errors: [],
      },
    },
    invalid: { pointer: '#/header', detail: 'must be true or false (header in the query)' },
  },
  // All that is there by now, so that trying it out takes nothing away.
  'PUT /namespaces/{namespace}/items': {
    scope: 'write',
    request: {
      'application/json': {
        items: [
          'SUN-1',
          sunTwo,
          'SUN-3',
          'MOON-1',
          'MOON-2',
          'MARS-1',
          'MARS-2',
          'STAR-1',
          'STAR-2',
        ],
      },
    },
    answer: {
      'application/json': {
        success: true,
        message: 'No changes made',
        ...counts,
        unchanged: 9,
        kept: 0,
      },
    },
    invalid: { pointer: '#/items', detail: 'is required' },
  },
  'DELETE /namespaces/{namespace}/batches/{batch}': {
    scope: 'write',
    answer: {
      'application/json': { success: true, message: 'Removed 2 items', removed: 2, kept: 1 },
    },
    invalid: noQuery,
  },
  'POST /namespaces/{namespace}/forget': {
    scope: 'write',
    request: { 'application/json': { requestor: 'user-123' } },
    answer: { 'application/json': { success: true, forgotten: 1 } },
    invalid: { pointer: '#/requestor', detail: 'is required' },
  },
  'POST /admin/forget': {
    request: { 'application/json': { requestor: 'user-123' } },
    answer: { 'application/json': { success: true, forgotten: 0 } },
    invalid: { pointer: '#/requestor', detail: 'is required' },
  },
  'GET /admin/api-keys': {
    answer: {
      'application/json': { apiKeys: [{ ...key, apiKey: 'zaas_3fK9…', lastUsedAt: matchedAt }] },
    },
    invalid: {
      pointer: '#/namespace',
      detail:
        'must be a string: 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a ' +
        'digit (namespace in the query)',
    },
  },
  'DELETE /admin/api-keys/{apiKey}': {
    answer: {
      'application/json': {
        success: true,
        message: 'API key deleted successfully',
        deleted: 1,
      },
    },
    invalid: unknown('known is namespace'),
  },
  'POST /admin/webhooks': {
    request: {
      'application/json': {
        url: webhook.url,
        events: webhook.events,
        namespaces: webhook.namespaces,
      },
    },
    answer: { 'application/json': { ...webhook, secret } },
    invalid: { pointer: '#/events', detail: 'is required' },
  },
  'GET /admin/webhooks': {
    answer: { 'application/json': { webhooks: [webhook], nextCursor: null } },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /admin/webhooks/{id}': { answer: { 'application/json': webhook }, invalid: noQuery },
  'PATCH /admin/webhooks/{id}': {
    request: { 'application/json': { disabled: false } },
    answer: { 'application/json': webhook },
    invalid: { pointer: '#/disabled', detail: 'must be true or false' },
  },
  'POST /admin/webhooks/{id}/rotate': {
    answer: { 'application/json': { id: exampleWebhook, secret } },
    invalid: noQuery,
  },
  'POST /admin/webhooks/{id}/test': {
    answer: { 'application/json': delivery },
    invalid: noQuery,
  },
  'POST /admin/webhooks/{id}/deliveries/{delivery}/retry': {
    answer: { 'application/json': delivery },
    invalid: noQuery,
  },
  'GET /admin/webhooks/{id}/deliveries': {
    answer: { 'application/json': { deliveries: [delivery], nextCursor: null } },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'DELETE /admin/webhooks/{id}': {
    answer: {
      'application/json': { success: true, message: 'Webhook deleted successfully' },
    },
    invalid: noQuery,
  },
  'GET /': { answer: { 'text/plain': 'zaas' }, invalid: noQuery },
  'GET /health/live': { answer: { 'application/json': { status: 'live' } }, invalid: noQuery },
  'GET /health/ready': {
    answer: { 'application/json': { status: 'ready', durability: 'full' } },
    invalid: noQuery,
  },
  'GET /metrics': {
    answer: {
      'text/plain': [
        '# HELP zaas_matches_total Requests for a match, by outcome and namespace (~other: past 1000 namespaces).',
        '# TYPE zaas_matches_total counter',
        `zaas_matches_total{namespace="${exampleNamespace}",outcome="new"} 1`,
        '',
        '# HELP zaas_items_available Items that a match could give.',
        '# TYPE zaas_items_available gauge',
        `zaas_items_available{namespace="${exampleNamespace}"} 6`,
        '',
      ].join('\n'),
    },
    invalid: noQuery,
  },
}

/** How the list shows an item that nobody has. */
function available(item: string): Record<string, unknown> {
  return {
    item,
    requestor: null,
    slot: null,
    data: null,
    matchedAt: null,
    heldUntil: null,
    expiresAt: null,
    createdAt,
    batch: exampleBatch,
    status: 'available',
  }
}

function cellOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? `"${JSON.stringify(value).replaceAll('"', '""')}"`
    : value
}
