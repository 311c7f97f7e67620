import { pgTable, text } from 'drizzle-orm/pg-core'
export * from './users' // export * from './comment'
export * as sessions from "./sessions"
export type * from './types'
/* export * from './block' */
const template = `export * from './${'text'}'`
export const users = pgTable('users', { email: text('email'), $: text('$') }), pattern = /['"`]export/
export default users
