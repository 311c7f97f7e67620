INSERT INTO users (id, email, full_name, role, locale, created_at)
SELECT format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, 'user' || n || '@example.com',
       (ARRAY['Ada', 'Böb', 'Chloé', 'Dan', 'O''Neil', 'Fay "F"'])[n], (ARRAY['student', 'tutor', 'tutor', 'tutor', 'admin', 'student'])[n]::user_role,
       CASE WHEN n % 2 = 0 THEN 'de-DE' ELSE 'en-GB' END, timestamptz '2026-01-01 00:00:00.125+00' + n * interval '1 day'
FROM generate_series(1, 6) n;
INSERT INTO tutors (id, user_id, mentor_id, headline, subjects, hourly_rate, availability)
SELECT format('10000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, format('00000000-0000-4000-8000-%s', lpad((n + 1)::text, 12, '0'))::uuid,
       CASE WHEN n > 1 THEN '10000000-0000-4000-8000-000000000001'::uuid END, CASE WHEN n <> 2 THEN 'Headline ' || n END,
       (ARRAY['{Math,Art}', '{}', '{"a \"b\"",Math}'])[n]::text[], 20 + n * 10.5,
       CASE WHEN n = 1 THEN '{"days": "Mo, Tu"}'::jsonb END
FROM generate_series(1, 3) n;
INSERT INTO sessions (id, tutor_id, subject, start_time, duration_minutes, mode, notes)
SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, format('10000000-0000-4000-8000-%s', lpad((1 + n % 2)::text, 12, '0'))::uuid,
       (ARRAY['Math', 'Art', 'Math', 'Physics'])[1 + n % 4], timestamp '2026-01-03 10:00' + n * interval '6 hours', 30 + 15 * (n % 4),
       CASE WHEN n % 3 = 0 THEN 'in person' ELSE 'online' END::session_mode, CASE WHEN n % 4 = 0 THEN 'note ' || n END
FROM generate_series(1, 12) n;
INSERT INTO billing.invoices (session_id, amount, status, due_on)
SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, n * 10, (ARRAY['draft', 'sent', 'paid'])[1 + n % 3]::billing.invoice_status, date '2026-02-01' + n
FROM generate_series(1, 5) n;
INSERT INTO rooms (kind, number, name) VALUES ('online', 1, 'Zoom'), ('in person', 1, 'Attic'), ('in person', 2, 'Cellar');
INSERT INTO bookings (id, kind, number, what)
VALUES (1, 'in person', 1, 'a'), (2, 'in person', 1, 'b'), (3, 'online', 1, 'c'), (4, 'online', NULL, 'nowhere');
