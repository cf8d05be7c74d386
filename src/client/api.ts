// Generated from openapi.json by `bun run openapi`.

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is there?
         * @description Answers zaas; a browser gets a page with links to the others.
         */
        get: operations["greet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process running?
         * @description Answers without asking the database.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can it serve requests now?
         * @description durability: full when each commit is synced to disk before it is answered.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/match": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Match a requestor with an item
         * @description Gives the requestor the oldest available item, or the one that it already has. Answered only after the match is synced to disk. If the answer is lost, ask again. A slot names which of its several items the requestor asks for, where the namespace allows more than one. With holdSeconds the item is only held: unless a match without it, or confirm, follows in time, it goes back. replace, which needs the scope `write` too, removes the item that the requestor has and gives the next one. Needs the scope `match`.
         */
        post: operations["match"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/match/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Match many requestors, each with an item
         * @description Each is decided by itself, in the order of the list, and has a result in the same place. A 503 may come after some of them were matched: ask again, and each gets the same item. Needs the scope `match`.
         */
        post: operations["matchBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep an item that was held
         * @description Where the hold has lapsed, the requestor still gets the item if nobody else has it, whether or not the namespace is paused or open; it never gets another one. Can be repeated. Needs the scope `match`.
         */
        post: operations["confirmHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the items of a namespace
         * @description In the order they were added, or from the end with order=desc; with prefix, in the order of the items. Removed ones are left out, unless status=removed asks for them. As items go out in their order, the matched ones from the end are the latest. Without limit the whole list is streamed; with it, nextCursor, and a link header with rel="next", lead to the next page. As CSV, cells that a spreadsheet would run as a formula begin with a quote; as NDJSON, nothing is changed. Looking never matches. Needs the scope `read`.
         */
        get: operations["listItems"];
        /**
         * Make the stock this list
         * @description All of it or nothing. Adds what is missing and removes available items that are not listed. Items already handed out or held are kept, unless removeMatched is true. dryRun answers what would change, and changes nothing. A new item is without white space at either end and without the invisible characters U+FEFF, U+200B, U+2060, U+00AD, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. As an object it may have data, a JSON object of at most 4096 bytes which comes back as it was sent, and expiresAt, a time in the future. With the header idempotency-key the answer is kept for 24 hours: the same body gets it again, without being applied again, and another body is a 409. Needs the scope `write`.
         */
        put: operations["replaceItems"];
        /**
         * Import items
         * @description An item a line; CSV with a column of items; or a JSON string or {"item"} a line. read says how the file was understood; what it does not tell is a 422 that names the parameter which does, and adds nothing. White space and invisible characters around an item are taken off (mended); what looks damaged is added and told (warned). Works in chunks, each atomic: an upload that breaks off has added a prefix, and sending it again adds the rest. Bad lines are skipped, the first 100 told; with none that is good, it is a 422. Of further columns, expiresAt is read, those that data names become data, and an export has its data. A file that has requestors is refused without matches: keep brings the matches along (matched), drop adds the items as available. batch labels what comes in, whatever the file says. restore=false leaves removed items removed (leftRemoved). dryRun=true changes nothing, and shows the first items. Needs the scope `write`.
         */
        post: operations["importItems"];
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Add, remove, release and set items
         * @description All of it or nothing. Items are removed, then released, then added, then set. add undoes remove; remove lets the requestor match anew; release puts a matched or held item back into the queue, with a requestor only while that one has it; set changes the data or expiry of a live item, and {} and never take them off. An item that is there or comes back keeps what it has, whatever add sends with it. batch labels what is added; note is for the history. A new item is without white space at either end and without the invisible characters U+FEFF, U+200B, U+2060, U+00AD, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. As an object it may have data, a JSON object of at most 4096 bytes which comes back as it was sent, and expiresAt, a time in the future. With the header idempotency-key the answer is kept for 24 hours: the same body gets it again, without being applied again, and another body is a 409. Needs the scope `write`.
         */
        patch: operations["changeItems"];
        trace?: never;
    };
    "/namespaces/{namespace}/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the batches of a namespace
         * @description What came in together, as by an import, the latest first. At most limit of them, 100 unless said; nextCursor leads on. Needs the scope `read`.
         */
        get: operations["listBatches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/batches/{batch}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what became of a batch
         * @description How many of its items are available, matched, held, expired, removed now. Needs the scope `read`.
         */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        /**
         * Take a batch back
         * @description Removes what is available or expired of it, in steps that keep no match waiting, and keeps what was handed out or is held. A repeat removes what became available since. Needs the scope `write`.
         */
        delete: operations["removeBatch"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The settings and counts of a namespace
         * @description Every setting with its value; null stands for the default. Needs the scope `read`.
         */
        get: operations["getNamespace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the settings of a namespace
         * @description What is left out stays, and null brings back the default. A change holds from its answer on, on every instance. requestors can be changed only while no item has a requestor, removed ones included. Needs the scope `manage`.
         */
        patch: operations["changeSettings"];
        trace?: never;
    };
    "/namespaces/{namespace}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count the items of a namespace
         * @description One snapshot: total is always available plus matched plus held plus expired. available is what a match could give now, whether or not the namespace is paused or open. perDay are the new matches of this hour and the 23 before, and runsOutAt is when nothing is available any more at that rate: null if nothing goes. Needs the scope `read`.
         */
        get: operations["countItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/stats/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count the items of a namespace over time
         * @description What each hour, or day, in UTC has brought, from the step of from to the last one that begins before to: at most 1000. Without step these are hours; without to, until now; without from, the last 24 hours or 30 days before to. There are no points of the future, of the time before anything was recorded, and of more than 400 days ago. Needs the scope `read`.
         */
        get: operations["countItemsOverTime"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See who did what, and when
         * @description The latest recorded first: with item or requestor, all that happened to it; with neither, what changes did, an event for each item, and changes of settings. Matches are not among those: they are listed as items. At most limit events, 100 unless said; nextCursor leads on, also from a page that has fewer. Needs the scope `read`.
         */
        get: operations["listHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget a requestor
         * @description In all that is stored, removed items and history included, the requestor is from now on called forgotten: and random characters. Its items stay given, its holds end, and a later match of it is a new one. Answers how many items it has or had; a repeat answers 0. What data, notes and request ids hold is not searched. Needs the scope `write`.
         */
        post: operations["forgetRequestor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description The oldest first, masked. apiKey finds the bindings of a key that you hold. With limit, nextCursor leads on; without, all of them are streamed.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Bind an API key to a namespace
         * @description Without apiKey the server makes one. The full key is in this answer and never again. A key may be bound to several namespaces, with one call for each.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{apiKey}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an API key
         * @description Takes the key itself or an id; namespace limits it to one binding. The key stops working within a second on every instance.
         */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the namespaces
         * @description Those that have an API key or a setting, or have ever had an item, by name, with their counts in one snapshot; with prefix, those whose names begin with it. At most limit of them, 100 unless said; nextCursor leads on. With order=available (the fewest first) or order=runsOutAt (the soonest first, and those that do not run out last) there is one page, which takes no cursor, and whose namespaces are counted one after the other.
         */
        get: operations["listNamespaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/namespaces/{namespace}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the settings of any namespace
         * @description What is left out stays, and null brings back the default. A change holds from its answer on, on every instance. requestors can be changed only while no item has a requestor, removed ones included. The namespace need not exist.
         */
        patch: operations["changeNamespace"];
        trace?: never;
    };
    "/admin/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See who did what, and when, in all namespaces
         * @description The latest recorded first: with item or requestor, all that happened to it; with neither, what changes did, an event for each item, and changes of settings. Matches are not among those: they are listed as items. At most limit events, 100 unless said; nextCursor leads on, also from a page that has fewer. Here also what was done to keys.
         */
        get: operations["listWholeHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget a requestor in all namespaces
         * @description In all that is stored, removed items and history included, the requestor is from now on called forgotten: and random characters. Its items stay given, its holds end, and a later match of it is a new one. Answers how many items it has or had; a repeat answers 0. What data, notes and request ids hold is not searched. One namespace after the other; if the call fails, repeat it.
         */
        post: operations["forgetEverywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the webhooks
         * @description The oldest first, at most limit of them, 100 unless said; nextCursor leads on.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Have events sent to an address
         * @description Without namespaces, the events of all. The secret, by which a receiver verifies what it gets, is in this answer and in that of a rotation, and never again.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See one webhook
         * @description Everything but its secret.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description What waits for it is not sent any more, and its deliveries are forgotten.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change, disable or enable a webhook
         * @description What is left out stays; namespaces: null stands for all. A disabled webhook gets no events; what waited for it is sent once it is enabled again.
         */
        patch: operations["changeWebhook"];
        trace?: never;
    };
    "/admin/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of the events for a webhook
         * @description The latest first, at most limit of them, 100 unless said; nextCursor leads on. An id is what the receiver gets as webhook-id, the same over all tries.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/deliveries/{delivery}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event once more, now
         * @description Whatever became of it, with the same webhook-id. If that fails, the tries that are left follow.
         */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test event
         * @description An event webhook.test goes out at once, whatever the webhook listens to.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description The full secret is in this answer and never again. The one before signs along for 24 hours.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Answers without a database too: zaas_database_up says whether its part is there.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @enum {string} */
            code: "malformed_body" | "unauthenticated" | "forbidden" | "insufficient_scope" | "not_found" | "method_not_allowed" | "conflict" | "body_too_large" | "unsupported_media_type" | "invalid" | "internal" | "unavailable";
            requestId: string;
            errors?: {
                pointer: string;
                detail: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    greet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example zaas */
                    "text/plain": "zaas";
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "live"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "live";
                    };
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "durability": "full"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "ready";
                        /** @enum {string} */
                        durability: "full" | "relaxed";
                    };
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    match: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "requestor": "user-123"
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, not beginning with forgotten: */
                    requestor: string;
                    /** @description 1 to 64 of the characters A-Z a-z 0-9 . _ ~ : - */
                    slot?: string | null;
                    /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    replace?: string | null;
                    /** @description a whole number from 1 to 86400 */
                    holdSeconds?: number | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "item": "SUN-1",
                     *       "data": null,
                     *       "expiresAt": null,
                     *       "matchedAt": "2030-06-01T09:30:00.000Z",
                     *       "alreadyMatched": false,
                     *       "message": "Item successfully matched"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        item: string;
                        data: {
                            [key: string]: unknown;
                        } | null;
                        /** Format: date-time */
                        expiresAt: string | null;
                        /** Format: date-time */
                        heldUntil?: string;
                        /** Format: date-time */
                        matchedAt: string;
                        alreadyMatched: boolean;
                        /** @constant */
                        replaced?: true;
                        message: string;
                    } | {
                        /** @constant */
                        success: false;
                        /**
                         * @description paused, not_open, closed, limit_reached or none_left
                         * @enum {string}
                         */
                        reason: "paused" | "not_open" | "closed" | "limit_reached" | "none_left";
                        message: string;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    matchBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "requestors": [
                 *         "user-123",
                 *         {
                 *           "requestor": "user-123",
                 *           "slot": "friend"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description a list of 1 to 1000 requestors */
                    requestors: (string | {
                        /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, not beginning with forgotten: */
                        requestor: string;
                        /** @description 1 to 64 of the characters A-Z a-z 0-9 . _ ~ : - */
                        slot?: string | null;
                    })[];
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "requestor": "user-123",
                     *           "slot": null,
                     *           "success": true,
                     *           "item": "SUN-1",
                     *           "data": null,
                     *           "expiresAt": null,
                     *           "matchedAt": "2030-06-01T09:30:00.000Z",
                     *           "alreadyMatched": true,
                     *           "message": "Item already assigned to this requestor"
                     *         },
                     *         {
                     *           "requestor": "user-123",
                     *           "slot": "friend",
                     *           "success": false,
                     *           "reason": "limit_reached",
                     *           "message": "This requestor has as many items as this namespace allows"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        results: ({
                            requestor: string;
                            slot: string | null;
                            /** @constant */
                            success: true;
                            item: string;
                            data: {
                                [key: string]: unknown;
                            } | null;
                            /** Format: date-time */
                            expiresAt: string | null;
                            /** Format: date-time */
                            heldUntil?: string;
                            /** Format: date-time */
                            matchedAt: string;
                            alreadyMatched: boolean;
                            /** @constant */
                            replaced?: true;
                            message: string;
                        } | {
                            requestor: string;
                            slot: string | null;
                            /** @constant */
                            success: false;
                            /**
                             * @description paused, not_open, closed, limit_reached or none_left
                             * @enum {string}
                             */
                            reason: "paused" | "not_open" | "closed" | "limit_reached" | "none_left";
                            message: string;
                        })[];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirmHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "requestor": "user-123",
                 *       "item": "SUN-1"
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, not beginning with forgotten: */
                    requestor: string;
                    /** @description 1 to 64 of the characters A-Z a-z 0-9 . _ ~ : - */
                    slot?: string | null;
                    /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    item: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "item": "SUN-1",
                     *       "data": null,
                     *       "expiresAt": null,
                     *       "matchedAt": "2030-06-01T09:30:00.000Z",
                     *       "alreadyMatched": true,
                     *       "message": "Item already assigned to this requestor"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        item: string;
                        data: {
                            [key: string]: unknown;
                        } | null;
                        /** Format: date-time */
                        expiresAt: string | null;
                        /** Format: date-time */
                        heldUntil?: string;
                        /** Format: date-time */
                        matchedAt: string;
                        alreadyMatched: boolean;
                        /** @constant */
                        replaced?: true;
                        message: string;
                    } | {
                        /** @constant */
                        success: false;
                        /** @constant */
                        reason: "hold_lapsed";
                        message: string;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listItems: {
        parameters: {
            query?: {
                /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                item?: string;
                /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                requestor?: string;
                /** @description available, matched, held, expired or removed */
                status?: "available" | "matched" | "held" | "expired" | "removed";
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                batch?: string;
                /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                prefix?: string;
                /** @description asc or desc */
                order?: "asc" | "desc";
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "item": "SUN-1",
                     *           "requestor": "user-123",
                     *           "slot": null,
                     *           "data": null,
                     *           "matchedAt": "2030-06-01T09:30:00.000Z",
                     *           "heldUntil": null,
                     *           "expiresAt": null,
                     *           "createdAt": "2030-06-01T09:00:00.000Z",
                     *           "batch": "june",
                     *           "status": "matched"
                     *         },
                     *         {
                     *           "item": "SUN-2",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "data": {
                     *             "pin": "0042"
                     *           },
                     *           "matchedAt": null,
                     *           "heldUntil": null,
                     *           "expiresAt": "2035-12-31T23:59:59.000Z",
                     *           "createdAt": "2030-06-01T09:00:00.000Z",
                     *           "batch": "june",
                     *           "status": "available"
                     *         },
                     *         {
                     *           "item": "SUN-3",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "data": null,
                     *           "matchedAt": null,
                     *           "heldUntil": null,
                     *           "expiresAt": null,
                     *           "createdAt": "2030-06-01T09:00:00.000Z",
                     *           "batch": "june",
                     *           "status": "available"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: {
                            item: string;
                            requestor: string | null;
                            slot: string | null;
                            data: {
                                [key: string]: unknown;
                            } | null;
                            /** Format: date-time */
                            matchedAt: string | null;
                            /** Format: date-time */
                            heldUntil: string | null;
                            /** Format: date-time */
                            expiresAt: string | null;
                            /** Format: date-time */
                            createdAt: string;
                            batch: string | null;
                            /** @enum {string} */
                            status: "available" | "matched" | "held" | "expired" | "removed";
                        }[];
                        nextCursor: string | null;
                    };
                    /**
                     * @example item,requestor,slot,data,matchedAt,heldUntil,expiresAt,createdAt,batch,status
                     *     SUN-1,user-123,,,2030-06-01T09:30:00.000Z,,,2030-06-01T09:00:00.000Z,june,matched
                     *     SUN-2,,,"{""pin"":""0042""}",,,2035-12-31T23:59:59.000Z,2030-06-01T09:00:00.000Z,june,available
                     *     SUN-3,,,,,,,2030-06-01T09:00:00.000Z,june,available
                     */
                    "text/csv": string;
                    /**
                     * @example {"item":"SUN-1","requestor":"user-123","slot":null,"data":null,"matchedAt":"2030-06-01T09:30:00.000Z","heldUntil":null,"expiresAt":null,"createdAt":"2030-06-01T09:00:00.000Z","batch":"june","status":"matched"}
                     *     {"item":"SUN-2","requestor":null,"slot":null,"data":{"pin":"0042"},"matchedAt":null,"heldUntil":null,"expiresAt":"2035-12-31T23:59:59.000Z","createdAt":"2030-06-01T09:00:00.000Z","batch":"june","status":"available"}
                     *     {"item":"SUN-3","requestor":null,"slot":null,"data":null,"matchedAt":null,"heldUntil":null,"expiresAt":null,"createdAt":"2030-06-01T09:00:00.000Z","batch":"june","status":"available"}
                     */
                    "application/x-ndjson": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceItems: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 printable ASCII characters */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         "SUN-1",
                 *         {
                 *           "item": "SUN-2",
                 *           "data": {
                 *             "pin": "0042"
                 *           },
                 *           "expiresAt": "2035-12-31T23:59:59.000Z"
                 *         },
                 *         "SUN-3",
                 *         "MOON-1",
                 *         "MOON-2",
                 *         "MARS-1",
                 *         "MARS-2",
                 *         "STAR-1",
                 *         "STAR-2"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description a list of at most 100000 items */
                    items: (string | {
                        /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                        item: string;
                        /** @description a JSON object of at most 4096 bytes as compact JSON in UTF-8, of well-formed Unicode without U+0000 */
                        data?: {
                            [key: string]: unknown;
                        } | null;
                        /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                        expiresAt?: string | null;
                    })[];
                    /** @description true or false */
                    removeMatched?: boolean | null;
                    /** @description true or false */
                    dryRun?: boolean | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "No changes made",
                     *       "added": 0,
                     *       "restored": 0,
                     *       "removed": 0,
                     *       "released": 0,
                     *       "updated": 0,
                     *       "unchanged": 9,
                     *       "conflicts": [],
                     *       "kept": 0
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        added: number;
                        restored: number;
                        removed: number;
                        released: number;
                        updated: number;
                        unchanged: number;
                        conflicts: string[];
                        kept: number;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importItems: {
        parameters: {
            query?: {
                /** @description a heading, or a number counted from 1 */
                column?: string;
                /** @description one of , ; | and tab, or comma, semicolon, pipe or tab in letters */
                delimiter?: string;
                /** @description true or false */
                header?: boolean;
                /** @description keep or drop */
                matches?: "keep" | "drop";
                /** @description headings, or names of properties, with commas between them */
                data?: string;
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                batch?: string;
                /** @description true or false */
                restore?: boolean;
                /** @description true or false */
                dryRun?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example MOON-1
                 *     MOON-2
                 */
                "text/plain": string;
                /**
                 * @example Code;Value
                 *     MARS-1;10,00
                 *     MARS-2;10,00
                 */
                "text/csv": string;
                /**
                 * @example "STAR-1"
                 *     {"item":"STAR-2"}
                 */
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "Added 2 items",
                     *       "batch": "import-20300601T090000Z-3f9c1a7e",
                     *       "received": 2,
                     *       "added": 2,
                     *       "restored": 0,
                     *       "matched": 0,
                     *       "unchanged": 0,
                     *       "invalid": 0,
                     *       "leftRemoved": 0,
                     *       "expired": 0,
                     *       "mended": 0,
                     *       "warned": 0,
                     *       "read": {
                     *         "encoding": "utf-8",
                     *         "delimiter": null,
                     *         "header": null,
                     *         "column": null,
                     *         "ignored": [],
                     *         "lines": 2
                     *       },
                     *       "warnings": [],
                     *       "errors": []
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        batch: string | null;
                        received: number;
                        added: number;
                        restored: number;
                        matched: number;
                        unchanged: number;
                        invalid: number;
                        leftRemoved: number;
                        expired: number;
                        mended: number;
                        warned: number;
                        read: {
                            encoding: string;
                            delimiter: string | null;
                            header: string[] | null;
                            column: number | null;
                            ignored: string[];
                            lines: number;
                        };
                        items?: {
                            item: string;
                        }[];
                        warnings: {
                            line: number;
                            detail: string;
                        }[];
                        errors: {
                            line: number;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeItems: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 printable ASCII characters */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "add": [
                 *         "SUN-1",
                 *         {
                 *           "item": "SUN-2",
                 *           "data": {
                 *             "pin": "0042"
                 *           },
                 *           "expiresAt": "2035-12-31T23:59:59.000Z"
                 *         },
                 *         "SUN-3"
                 *       ],
                 *       "batch": "june"
                 *     }
                 */
                "application/json": {
                    /** @description a list of at most 100000 items */
                    add?: (string | {
                        /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                        item: string;
                        /** @description a JSON object of at most 4096 bytes as compact JSON in UTF-8, of well-formed Unicode without U+0000 */
                        data?: {
                            [key: string]: unknown;
                        } | null;
                        /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                        expiresAt?: string | null;
                    })[] | null;
                    /** @description a list of at most 100000 items */
                    remove?: string[] | null;
                    /** @description a list of at most 100000 items */
                    release?: (string | {
                        /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                        item: string;
                        /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                        requestor: string;
                    })[] | null;
                    /** @description a list of at most 100000 items */
                    set?: {
                        /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                        item: string;
                        /** @description a JSON object of at most 4096 bytes as compact JSON in UTF-8, of well-formed Unicode without U+0000 */
                        data?: {
                            [key: string]: unknown;
                        } | null;
                        /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z, or never */
                        expiresAt?: string | null;
                    }[] | null;
                    /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                    batch?: string | null;
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    note?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "Added 3 items",
                     *       "added": 3,
                     *       "restored": 0,
                     *       "removed": 0,
                     *       "released": 0,
                     *       "updated": 0,
                     *       "unchanged": 0,
                     *       "conflicts": []
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        added: number;
                        restored: number;
                        removed: number;
                        released: number;
                        updated: number;
                        unchanged: number;
                        conflicts: string[];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBatches: {
        parameters: {
            query?: {
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batches": [
                     *         {
                     *           "batch": "june",
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c"
                     *           },
                     *           "received": 3
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        batches: {
                            batch: string;
                            /** Format: date-time */
                            at: string;
                            by: {
                                keyId: string;
                            } | null;
                            received: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example june
                 */
                batch: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch": "june",
                     *       "at": "2030-06-01T09:00:00.000Z",
                     *       "by": {
                     *         "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c"
                     *       },
                     *       "received": 3,
                     *       "available": 2,
                     *       "matched": 1,
                     *       "held": 0,
                     *       "expired": 0,
                     *       "removed": 0
                     *     }
                     */
                    "application/json": {
                        batch: string;
                        /** Format: date-time */
                        at: string;
                        by: {
                            keyId: string;
                        } | null;
                        received: number;
                        available: number;
                        matched: number;
                        held: number;
                        expired: number;
                        removed: number;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example june
                 */
                batch: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "Removed 2 items",
                     *       "removed": 2,
                     *       "kept": 1
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        removed: number;
                        kept: number;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "namespace": "summer-sale",
                     *       "settings": {
                     *         "description": null,
                     *         "paused": null,
                     *         "opensAt": null,
                     *         "closesAt": null,
                     *         "expiryMarginSeconds": null,
                     *         "itemsPerRequestor": null,
                     *         "lowStockBelow": null,
                     *         "requestors": null
                     *       },
                     *       "stats": {
                     *         "total": 3,
                     *         "matched": 1,
                     *         "available": 2,
                     *         "held": 0,
                     *         "expired": 0,
                     *         "perDay": 1,
                     *         "runsOutAt": "2030-06-03T09:30:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                        namespace: string;
                        settings: {
                            description: string | null;
                            paused: boolean | null;
                            /** Format: date-time */
                            opensAt: string | null;
                            /** Format: date-time */
                            closesAt: string | null;
                            expiryMarginSeconds: number | null;
                            itemsPerRequestor: number | null;
                            lowStockBelow: number | null;
                            /**
                             * @description exact or folded
                             * @enum {string|null}
                             */
                            requestors: "exact" | "folded" | null;
                        };
                        stats: {
                            total: number;
                            matched: number;
                            available: number;
                            held: number;
                            expired: number;
                            perDay: number;
                            /** Format: date-time */
                            runsOutAt: string | null;
                        };
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "Ten percent off",
                 *       "lowStockBelow": 100
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    description?: string | null;
                    /** @description true or false */
                    paused?: boolean | null;
                    /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                    opensAt?: string | null;
                    /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                    closesAt?: string | null;
                    /** @description a whole number from 0 to 31622400 */
                    expiryMarginSeconds?: number | null;
                    /** @description a whole number from 1 to 1000 */
                    itemsPerRequestor?: number | null;
                    /** @description a whole number from 1 to 1000000000 */
                    lowStockBelow?: number | null;
                    /**
                     * @description exact or folded
                     * @enum {string|null}
                     */
                    requestors?: "exact" | "folded" | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "namespace": "summer-sale",
                     *       "settings": {
                     *         "description": "Ten percent off",
                     *         "paused": null,
                     *         "opensAt": null,
                     *         "closesAt": null,
                     *         "expiryMarginSeconds": null,
                     *         "itemsPerRequestor": null,
                     *         "lowStockBelow": 100,
                     *         "requestors": null
                     *       },
                     *       "stats": {
                     *         "total": 3,
                     *         "matched": 1,
                     *         "available": 2,
                     *         "held": 0,
                     *         "expired": 0,
                     *         "perDay": 1,
                     *         "runsOutAt": "2030-06-03T09:30:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                        namespace: string;
                        settings: {
                            description: string | null;
                            paused: boolean | null;
                            /** Format: date-time */
                            opensAt: string | null;
                            /** Format: date-time */
                            closesAt: string | null;
                            expiryMarginSeconds: number | null;
                            itemsPerRequestor: number | null;
                            lowStockBelow: number | null;
                            /**
                             * @description exact or folded
                             * @enum {string|null}
                             */
                            requestors: "exact" | "folded" | null;
                        };
                        stats: {
                            total: number;
                            matched: number;
                            available: number;
                            held: number;
                            expired: number;
                            perDay: number;
                            /** Format: date-time */
                            runsOutAt: string | null;
                        };
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countItems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 3,
                     *       "matched": 1,
                     *       "available": 2,
                     *       "held": 0,
                     *       "expired": 0,
                     *       "perDay": 1,
                     *       "runsOutAt": "2030-06-03T09:30:00.000Z"
                     *     }
                     */
                    "application/json": {
                        total: number;
                        matched: number;
                        available: number;
                        held: number;
                        expired: number;
                        perDay: number;
                        /** Format: date-time */
                        runsOutAt: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countItemsOverTime: {
        parameters: {
            query?: {
                /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                from?: string;
                /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                to?: string;
                /** @description hour or day */
                step?: "hour" | "day";
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "points": [
                     *         {
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "added": 3,
                     *           "matched": 1,
                     *           "released": 0,
                     *           "removed": 0,
                     *           "available": 2
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        points: {
                            /** Format: date-time */
                            at: string;
                            added: number;
                            matched: number;
                            released: number;
                            removed: number;
                            available: number;
                        }[];
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHistory: {
        parameters: {
            query?: {
                /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                item?: string;
                /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                requestor?: string;
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "added",
                     *           "item": "SUN-3",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *             "name": "shop"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": "june",
                     *           "note": null
                     *         },
                     *         {
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "added",
                     *           "item": "SUN-2",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *             "name": "shop"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": "june",
                     *           "note": null
                     *         },
                     *         {
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "added",
                     *           "item": "SUN-1",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *             "name": "shop"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": "june",
                     *           "note": null
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        events: {
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            event: "added" | "matched" | "held" | "confirmed" | "lapsed" | "removed" | "replaced" | "released" | "restored" | "updated" | "forgotten" | "settings";
                            item: string | null;
                            requestor: string | null;
                            slot: string | null;
                            by: {
                                keyId: string;
                                name: string | null;
                            } | {
                                /** @constant */
                                masterKey: true;
                            } | null;
                            requestId: string | null;
                            batch: string | null;
                            note: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetRequestor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "requestor": "user-123"
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, not beginning with forgotten: */
                    requestor: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "forgotten": 1
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        forgotten: number;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                namespace?: string;
                /** @description 1 to 255 visible ASCII characters that do not begin with key_ */
                apiKey?: string;
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "apiKeys": [
                     *         {
                     *           "id": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *           "namespace": "summer-sale",
                     *           "name": "shop",
                     *           "scopes": [
                     *             "match",
                     *             "read",
                     *             "write",
                     *             "manage"
                     *           ],
                     *           "createdAt": "2030-06-01T09:00:00.000Z",
                     *           "expiresAt": null,
                     *           "apiKey": "zaas_3fK9…",
                     *           "lastUsedAt": "2030-06-01T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        apiKeys: {
                            id: string;
                            apiKey: string;
                            namespace: string;
                            name: string | null;
                            /** @description a list of match, read, write and manage, each at most once */
                            scopes: ("match" | "read" | "write" | "manage")[];
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            expiresAt: string | null;
                            /** Format: date-time */
                            lastUsedAt: string | null;
                        }[];
                        nextCursor?: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "namespace": "summer-sale",
                 *       "name": "shop",
                 *       "scopes": [
                 *         "match",
                 *         "read",
                 *         "write",
                 *         "manage"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                    namespace: string;
                    /** @description 1 to 255 visible ASCII characters that do not begin with key_ */
                    apiKey?: string | null;
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    name?: string | null;
                    /** @description a list of match, read, write and manage, each at most once */
                    scopes?: ("match" | "read" | "write" | "manage")[] | null;
                    /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                    expiresAt?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "API key created successfully",
                     *       "id": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *       "namespace": "summer-sale",
                     *       "name": "shop",
                     *       "scopes": [
                     *         "match",
                     *         "read",
                     *         "write",
                     *         "manage"
                     *       ],
                     *       "createdAt": "2030-06-01T09:00:00.000Z",
                     *       "expiresAt": null,
                     *       "apiKey": "zaas_3fK9mZqT7bXw2LcVn8RdYh5PsGj4E1aU0"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        id: string;
                        apiKey: string;
                        namespace: string;
                        name: string | null;
                        /** @description a list of match, read, write and manage, each at most once */
                        scopes: ("match" | "read" | "write" | "manage")[];
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        expiresAt: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteKey: {
        parameters: {
            query?: {
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                namespace?: string;
            };
            header?: never;
            path: {
                apiKey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "API key deleted successfully",
                     *       "deleted": 1
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        deleted: number;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNamespaces: {
        parameters: {
            query?: {
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                prefix?: string;
                /** @description name, available or runsOutAt */
                order?: "name" | "available" | "runsOutAt";
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "namespaces": [
                     *         {
                     *           "namespace": "summer-sale",
                     *           "total": 3,
                     *           "matched": 1,
                     *           "available": 2,
                     *           "held": 0,
                     *           "expired": 0,
                     *           "perDay": 1,
                     *           "runsOutAt": "2030-06-03T09:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        namespaces: {
                            /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                            namespace: string;
                            total: number;
                            matched: number;
                            available: number;
                            held: number;
                            expired: number;
                            perDay: number;
                            /** Format: date-time */
                            runsOutAt: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": null,
                 *       "lowStockBelow": null
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    description?: string | null;
                    /** @description true or false */
                    paused?: boolean | null;
                    /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                    opensAt?: string | null;
                    /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                    closesAt?: string | null;
                    /** @description a whole number from 0 to 31622400 */
                    expiryMarginSeconds?: number | null;
                    /** @description a whole number from 1 to 1000 */
                    itemsPerRequestor?: number | null;
                    /** @description a whole number from 1 to 1000000000 */
                    lowStockBelow?: number | null;
                    /**
                     * @description exact or folded
                     * @enum {string|null}
                     */
                    requestors?: "exact" | "folded" | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "namespace": "summer-sale",
                     *       "settings": {
                     *         "description": null,
                     *         "paused": null,
                     *         "opensAt": null,
                     *         "closesAt": null,
                     *         "expiryMarginSeconds": null,
                     *         "itemsPerRequestor": null,
                     *         "lowStockBelow": null,
                     *         "requestors": null
                     *       },
                     *       "stats": {
                     *         "total": 3,
                     *         "matched": 1,
                     *         "available": 2,
                     *         "held": 0,
                     *         "expired": 0,
                     *         "perDay": 1,
                     *         "runsOutAt": "2030-06-03T09:30:00.000Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                        namespace: string;
                        settings: {
                            description: string | null;
                            paused: boolean | null;
                            /** Format: date-time */
                            opensAt: string | null;
                            /** Format: date-time */
                            closesAt: string | null;
                            expiryMarginSeconds: number | null;
                            itemsPerRequestor: number | null;
                            lowStockBelow: number | null;
                            /**
                             * @description exact or folded
                             * @enum {string|null}
                             */
                            requestors: "exact" | "folded" | null;
                        };
                        stats: {
                            total: number;
                            matched: number;
                            available: number;
                            held: number;
                            expired: number;
                            perDay: number;
                            /** Format: date-time */
                            runsOutAt: string | null;
                        };
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWholeHistory: {
        parameters: {
            query?: {
                /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                item?: string;
                /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                requestor?: string;
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "namespace": "summer-sale",
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "added",
                     *           "item": "SUN-3",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *             "name": "shop"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": "june",
                     *           "note": null
                     *         },
                     *         {
                     *           "namespace": "summer-sale",
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "added",
                     *           "item": "SUN-2",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *             "name": "shop"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": "june",
                     *           "note": null
                     *         },
                     *         {
                     *           "namespace": "summer-sale",
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "added",
                     *           "item": "SUN-1",
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *             "name": "shop"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": "june",
                     *           "note": null
                     *         },
                     *         {
                     *           "namespace": "summer-sale",
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "event": "key.created",
                     *           "item": null,
                     *           "requestor": null,
                     *           "slot": null,
                     *           "by": {
                     *             "masterKey": "5f0c9a5e"
                     *           },
                     *           "requestId": "0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60",
                     *           "batch": null,
                     *           "note": null,
                     *           "keyId": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        events: {
                            namespace: string | null;
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            event: "added" | "matched" | "held" | "confirmed" | "lapsed" | "removed" | "replaced" | "released" | "restored" | "updated" | "forgotten" | "settings" | "key.created" | "key.deleted" | "webhook.created" | "webhook.updated" | "webhook.deleted";
                            item: string | null;
                            requestor: string | null;
                            slot: string | null;
                            by: {
                                keyId: string;
                                name: string | null;
                            } | {
                                masterKey: string;
                            } | null;
                            requestId: string | null;
                            batch: string | null;
                            note: string | null;
                            keyId?: string;
                            webhookId?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetEverywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "requestor": "user-123"
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, not beginning with forgotten: */
                    requestor: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "forgotten": 0
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        forgotten: number;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "webhooks": [
                     *         {
                     *           "id": "whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c",
                     *           "url": "https://hooks.example.com/zaas",
                     *           "events": [
                     *             "stock.low",
                     *             "stock.exhausted",
                     *             "stock.refilled"
                     *           ],
                     *           "namespaces": [
                     *             "summer-sale"
                     *           ],
                     *           "createdAt": "2030-06-01T09:00:00.000Z",
                     *           "disabledAt": null
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        webhooks: {
                            id: string;
                            url: string;
                            events: ("stock.low" | "stock.exhausted" | "stock.refilled" | "items.removed" | "items.released" | "namespace.updated")[];
                            namespaces: string[] | null;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            disabledAt: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://hooks.example.com/zaas",
                 *       "events": [
                 *         "stock.low",
                 *         "stock.exhausted",
                 *         "stock.refilled"
                 *       ],
                 *       "namespaces": [
                 *         "summer-sale"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description an absolute https:// URL of at most 2048 characters in ASCII, without a user name, a password or a fragment */
                    url: string;
                    /** @description a list of stock.low, stock.exhausted, stock.refilled, items.removed, items.released, namespace.updated, each at most once */
                    events: ("stock.low" | "stock.exhausted" | "stock.refilled" | "items.removed" | "items.released" | "namespace.updated")[];
                    /** @description a list of 1 to 1000 namespaces, each at most once */
                    namespaces?: string[] | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c",
                     *       "url": "https://hooks.example.com/zaas",
                     *       "events": [
                     *         "stock.low",
                     *         "stock.exhausted",
                     *         "stock.refilled"
                     *       ],
                     *       "namespaces": [
                     *         "summer-sale"
                     *       ],
                     *       "createdAt": "2030-06-01T09:00:00.000Z",
                     *       "disabledAt": null,
                     *       "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2bZwN0v4eIo="
                     *     }
                     */
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("stock.low" | "stock.exhausted" | "stock.refilled" | "items.removed" | "items.released" | "namespace.updated")[];
                        namespaces: string[] | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        disabledAt: string | null;
                        secret: string;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c",
                     *       "url": "https://hooks.example.com/zaas",
                     *       "events": [
                     *         "stock.low",
                     *         "stock.exhausted",
                     *         "stock.refilled"
                     *       ],
                     *       "namespaces": [
                     *         "summer-sale"
                     *       ],
                     *       "createdAt": "2030-06-01T09:00:00.000Z",
                     *       "disabledAt": null
                     *     }
                     */
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("stock.low" | "stock.exhausted" | "stock.refilled" | "items.removed" | "items.released" | "namespace.updated")[];
                        namespaces: string[] | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        disabledAt: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "Webhook deleted successfully"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "disabled": false
                 *     }
                 */
                "application/json": {
                    /** @description an absolute https:// URL of at most 2048 characters in ASCII, without a user name, a password or a fragment */
                    url?: string | null;
                    /** @description a list of stock.low, stock.exhausted, stock.refilled, items.removed, items.released, namespace.updated, each at most once */
                    events?: ("stock.low" | "stock.exhausted" | "stock.refilled" | "items.removed" | "items.released" | "namespace.updated")[] | null;
                    /** @description a list of 1 to 1000 namespaces, each at most once */
                    namespaces?: string[] | null;
                    /** @description true or false */
                    disabled?: boolean | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c",
                     *       "url": "https://hooks.example.com/zaas",
                     *       "events": [
                     *         "stock.low",
                     *         "stock.exhausted",
                     *         "stock.refilled"
                     *       ],
                     *       "namespaces": [
                     *         "summer-sale"
                     *       ],
                     *       "createdAt": "2030-06-01T09:00:00.000Z",
                     *       "disabledAt": null
                     *     }
                     */
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("stock.low" | "stock.exhausted" | "stock.refilled" | "items.removed" | "items.released" | "namespace.updated")[];
                        namespaces: string[] | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        disabledAt: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deliveries": [
                     *         {
                     *           "id": "msg_1a723df724fadd23ae2b075df4d9a1d2",
                     *           "event": "webhook.test",
                     *           "namespace": null,
                     *           "at": "2030-06-01T09:00:00.000Z",
                     *           "attempts": 0,
                     *           "status": "pending",
                     *           "lastStatus": null,
                     *           "nextAttemptAt": "2030-06-01T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        deliveries: {
                            id: string;
                            event: string;
                            namespace: string | null;
                            /** Format: date-time */
                            at: string;
                            attempts: number;
                            /**
                             * @description pending, delivered or failed
                             * @enum {string}
                             */
                            status: "pending" | "delivered" | "failed";
                            lastStatus: number | null;
                            /** Format: date-time */
                            nextAttemptAt: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
                /** @example msg_1a723df724fadd23ae2b075df4d9a1d2 */
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "msg_1a723df724fadd23ae2b075df4d9a1d2",
                     *       "event": "webhook.test",
                     *       "namespace": null,
                     *       "at": "2030-06-01T09:00:00.000Z",
                     *       "attempts": 0,
                     *       "status": "pending",
                     *       "lastStatus": null,
                     *       "nextAttemptAt": "2030-06-01T09:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        event: string;
                        namespace: string | null;
                        /** Format: date-time */
                        at: string;
                        attempts: number;
                        /**
                         * @description pending, delivered or failed
                         * @enum {string}
                         */
                        status: "pending" | "delivered" | "failed";
                        lastStatus: number | null;
                        /** Format: date-time */
                        nextAttemptAt: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "msg_1a723df724fadd23ae2b075df4d9a1d2",
                     *       "event": "webhook.test",
                     *       "namespace": null,
                     *       "at": "2030-06-01T09:00:00.000Z",
                     *       "attempts": 0,
                     *       "status": "pending",
                     *       "lastStatus": null,
                     *       "nextAttemptAt": "2030-06-01T09:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        id: string;
                        event: string;
                        namespace: string | null;
                        /** Format: date-time */
                        at: string;
                        attempts: number;
                        /**
                         * @description pending, delivered or failed
                         * @enum {string}
                         */
                        status: "pending" | "delivered" | "failed";
                        lastStatus: number | null;
                        /** Format: date-time */
                        nextAttemptAt: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "whk_8a1e4c7b-2d5f-4e9a-b6c3-7f0d1e2a3b4c",
                     *       "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2bZwN0v4eIo="
                     *     }
                     */
                    "application/json": {
                        id: string;
                        secret: string;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # HELP zaas_matches_total Requests for a match, by outcome and namespace (~other: past 1000 namespaces).
                     *     # TYPE zaas_matches_total counter
                     *     zaas_matches_total{namespace="summer-sale",outcome="new"} 1
                     *
                     *     # HELP zaas_items_available Items that a match could give.
                     *     # TYPE zaas_items_available gauge
                     *     zaas_items_available{namespace="summer-sale"} 6
                     */
                    "text/plain": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
