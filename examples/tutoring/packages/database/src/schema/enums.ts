import { invoiceStatuses, sessionModes, userRoles } from '@repo/shared';
import { pgEnum } from 'drizzle-orm/pg-core';

export const userRole = pgEnum('user_role', userRoles);
export const sessionMode = pgEnum('session_mode', sessionModes);
export const invoiceStatus = pgEnum('invoice_status', invoiceStatuses);
