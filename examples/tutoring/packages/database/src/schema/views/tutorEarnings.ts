import { sql } from 'drizzle-orm';
import { bigint, numeric, pgView, uuid } from 'drizzle-orm/pg-core';
import { tutors } from '../tutors';

/** What each tutor has earned with paid sessions. */
export const tutorEarnings = pgView('tutor_earnings', {
  tutorId: uuid('tutor_id'),
  paidSessions: bigint('paid_sessions', { mode: 'number' }),
  earned: numeric('earned', { precision: 12, scale: 2 }),
}).as(sql`
  select t.id as tutor_id,
         count(i.number) as paid_sessions,
         coalesce(sum(i.amount), 0)::numeric(12, 2) as earned
    from ${tutors} t
    left join sessions s on s.tutor_id = t.id
    left join invoices i on i.session_id = s.id and i.status = 'paid'
   group by t.id
`);
