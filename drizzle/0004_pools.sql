CREATE TABLE `actors` (
	`id` integer PRIMARY KEY NOT NULL,
	`actor` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `actors_actor_unique` ON `actors` (`actor`);--> statement-breakpoint
CREATE TABLE `batches` (
	`id` integer PRIMARY KEY NOT NULL,
	`namespace` text NOT NULL,
	`batch` text NOT NULL,
	`at` integer NOT NULL,
	`actor` integer NOT NULL,
	`received` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `batches_batch_unique` ON `batches` (`namespace`,`batch`);--> statement-breakpoint
CREATE INDEX `batches_namespace` ON `batches` (`namespace`);--> statement-breakpoint
CREATE TABLE `changes` (
	`id` integer PRIMARY KEY NOT NULL,
	`namespace` text NOT NULL,
	`at` integer NOT NULL,
	`actor` integer NOT NULL,
	`request_id` text,
	`batch` text,
	`note` text,
	`kind` text NOT NULL,
	`about` text,
	`ordinal` integer DEFAULT 0 NOT NULL,
	`items_before` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `changes_namespace` ON `changes` (`namespace`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` integer PRIMARY KEY NOT NULL,
	`message` text NOT NULL,
	`webhook` text NOT NULL,
	`namespace` text,
	`event` text NOT NULL,
	`at` integer NOT NULL,
	`payload` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`last_status` integer,
	`next_attempt_at` integer,
	`lease` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_message_unique` ON `deliveries` (`message`);--> statement-breakpoint
CREATE INDEX `deliveries_webhook` ON `deliveries` (`webhook`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`webhook`,`next_attempt_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `deliveries_waiting` ON `deliveries` (`webhook`,`at`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `deliveries_done` ON `deliveries` (`at`) WHERE status <> 'pending';--> statement-breakpoint
CREATE TABLE `events` (
	`id` integer PRIMARY KEY NOT NULL,
	`namespace` text NOT NULL,
	`at` integer NOT NULL,
	`event` text NOT NULL,
	`ordinal` integer DEFAULT 0 NOT NULL,
	`item_id` integer NOT NULL,
	`item` text NOT NULL,
	`requestor` text,
	`requestor_shown` text,
	`slot` text DEFAULT '' NOT NULL,
	`actor` integer,
	`request_id` text,
	`change` integer
);
--> statement-breakpoint
CREATE INDEX `events_item` ON `events` (`namespace`,`item`,`ordinal`,`at`);--> statement-breakpoint
CREATE INDEX `events_requestor` ON `events` (`namespace`,`requestor`,`ordinal`,`at`) WHERE requestor IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_change` ON `events` (`change`) WHERE change IS NOT NULL;--> statement-breakpoint
CREATE TABLE `hours` (
	`namespace` text NOT NULL,
	`at` integer NOT NULL,
	`added` integer NOT NULL,
	`matched` integer NOT NULL,
	`released` integer NOT NULL,
	`removed` integer NOT NULL,
	`available` integer NOT NULL,
	PRIMARY KEY(`namespace`, `at`)
);
--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`id` integer PRIMARY KEY NOT NULL,
	`namespace` text NOT NULL,
	`key` text NOT NULL,
	`digest` text NOT NULL,
	`at` integer NOT NULL,
	`outcome` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idempotency_keys_key_unique` ON `idempotency_keys` (`namespace`,`key`);--> statement-breakpoint
CREATE INDEX `idempotency_keys_at` ON `idempotency_keys` (`at`);--> statement-breakpoint
CREATE TABLE `namespaces` (
	`namespace` text PRIMARY KEY NOT NULL,
	`description` text,
	`paused` integer,
	`opens_at` integer,
	`closes_at` integer,
	`expiry_margin_seconds` integer,
	`items_per_requestor` integer,
	`low_stock_below` integer,
	`requestors` text,
	`total` integer DEFAULT 0 NOT NULL,
	`matched` integer DEFAULT 0 NOT NULL,
	`held` integer DEFAULT 0 NOT NULL,
	`expired` integer DEFAULT 0 NOT NULL,
	`expired_until` integer DEFAULT 0 NOT NULL,
	`expired_id` integer DEFAULT 0 NOT NULL,
	`expiring_head` integer DEFAULT 0 NOT NULL,
	`decided_until` integer DEFAULT 0 NOT NULL,
	`slots_used` integer DEFAULT 0 NOT NULL,
	`hour` integer DEFAULT 0 NOT NULL,
	`hour_added` integer DEFAULT 0 NOT NULL,
	`hour_matched` integer DEFAULT 0 NOT NULL,
	`hour_released` integer DEFAULT 0 NOT NULL,
	`hour_removed` integer DEFAULT 0 NOT NULL,
	`stock_told` text,
	`stock_told_before` text
);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`on_stock` integer NOT NULL,
	`namespaces` text,
	`secret` text NOT NULL,
	`earlier_secrets` text DEFAULT '[]' NOT NULL,
	`pending` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`disabled_at` integer,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `webhooks_on_stock` ON `webhooks` (`on_stock`) WHERE on_stock = 1 AND disabled_at IS NULL AND deleted_at IS NULL;--> statement-breakpoint
DROP TRIGGER items_count_insert;--> statement-breakpoint
DROP TRIGGER items_count_update;--> statement-breakpoint
DROP TRIGGER items_queue_match;--> statement-breakpoint
DROP TRIGGER items_queue_restore;--> statement-breakpoint
DROP TRIGGER items_queue_insert;--> statement-breakpoint
-- The counts have a new name, so that an instance of an earlier version fails, and does not miscount.
INSERT INTO namespaces (namespace, total, matched)
SELECT namespace, total, matched FROM namespace_stats;--> statement-breakpoint
DROP TABLE `namespace_stats`;--> statement-breakpoint
DROP INDEX `items_live_requestor_unique`;--> statement-breakpoint
DROP INDEX `items_live_queue`;--> statement-breakpoint
DROP INDEX `items_live_passed_over`;--> statement-breakpoint
-- To fail what an earlier version adds: its ON CONFLICT names the old condition. SQLite compares the two term by term.
DROP INDEX `items_live_item_unique`;--> statement-breakpoint
ALTER TABLE `items` DROP COLUMN `passed_over`;--> statement-breakpoint
ALTER TABLE `items` ADD `slot` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `items` ADD `requestor_shown` text;--> statement-breakpoint
ALTER TABLE `items` ADD `held_until` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `data` text;--> statement-breakpoint
ALTER TABLE `items` ADD `batch` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `replaces` text;--> statement-breakpoint
ALTER TABLE `items` ADD `matched_by` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `request_id` text;--> statement-breakpoint
ALTER TABLE `items` ADD `ordinal` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `added_change` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `removed_change` integer;--> statement-breakpoint
ALTER TABLE `items` ADD `end_kind` text;--> statement-breakpoint
CREATE UNIQUE INDEX `items_live_holder_unique` ON `items` (`namespace`,`requestor`,`slot`) WHERE deleted_at IS NULL AND requestor IS NOT NULL;--> statement-breakpoint
CREATE INDEX `items_queue` ON `items` (`namespace`) WHERE deleted_at IS NULL AND requestor IS NULL AND expires_at IS NULL;--> statement-breakpoint
CREATE INDEX `items_expiring_queue` ON `items` (`namespace`,`id`,`expires_at`) WHERE deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `items_expiring` ON `items` (`namespace`,`expires_at`) WHERE deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `items_live` ON `items` (`namespace`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `items_held` ON `items` (`namespace`,`held_until`) WHERE deleted_at IS NULL AND held_until IS NOT NULL;--> statement-breakpoint
CREATE INDEX `items_removed` ON `items` (`namespace`) WHERE deleted_at IS NOT NULL AND end_kind IS NOT 'released';--> statement-breakpoint
CREATE INDEX `items_removed_change` ON `items` (`removed_change`) WHERE removed_change > 0;--> statement-breakpoint
CREATE INDEX `items_removed_requestor` ON `items` (`namespace`,`requestor`) WHERE deleted_at IS NOT NULL AND requestor IS NOT NULL;--> statement-breakpoint
CREATE INDEX `items_batch` ON `items` (`batch`) WHERE batch IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `items_live_item_unique` ON `items` (`namespace`,`item`) WHERE deleted_at IS NULL AND deleted_at IS NULL;
