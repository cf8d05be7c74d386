import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'turso',
  schema: './src/storage/sqlite/schema.ts',
  out: './drizzle',
  dbCredentials: {
    url: process.env['DATABASE_URL'] ?? 'file:local.db',
    ...(process.env['DATABASE_AUTH_TOKEN'] && { authToken: process.env['DATABASE_AUTH_TOKEN'] }),
  },
})
