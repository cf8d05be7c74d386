DROP INDEX `items_live_status`;--> statement-breakpoint
DROP INDEX `items_live_list`;--> statement-breakpoint
ALTER TABLE `items` ADD `passed_over` integer;--> statement-breakpoint
CREATE INDEX `items_live_queue` ON `items` (`namespace`) WHERE deleted_at IS NULL AND passed_over IS NULL;--> statement-breakpoint
CREATE INDEX `items_live_passed_over` ON `items` (`namespace`) WHERE deleted_at IS NULL AND passed_over IS NOT NULL;--> statement-breakpoint
ALTER TABLE `namespace_stats` ADD `queue_start` integer DEFAULT 0 NOT NULL;