// expect: the schema was evaluated, but the result cannot be read
import { pgTable, text } from 'drizzle-orm/pg-core'

export const users = pgTable('users', { email: text('email') })
JSON.stringify = () => '{"problems": 1}'
