/** What a row may say about itself. The web app, the API and the database schema all read these lists. */

export const userRoles = ['student', 'tutor', 'admin'] as const;
export type UserRole = (typeof userRoles)[number];

export const sessionStatuses = ['scheduled', 'completed', 'cancelled'] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

export const sessionModes = ['online', 'in_person'] as const;
export type SessionMode = (typeof sessionModes)[number];

export const invoiceStatuses = ['draft', 'sent', 'paid', 'void'] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];
