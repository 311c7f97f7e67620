import { z } from 'zod';

export const status = z.enum(['draft', 'sent', 'paid']);
export const line = z.object({ text: z.string().min(1).max(200), amount: z.coerce.number().positive() });
export const settings = z.object({ currency: z.string().length(3).default('EUR'), reminders: z.array(z.number().int()).default([7, 14]) });
export type Line = z.infer<typeof line>;
