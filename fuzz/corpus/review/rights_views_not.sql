CREATE VIEW public.own_bodies WITH (security_invoker = on) AS SELECT body FROM public.notes;
CREATE VIEW public.open_ids AS SELECT id FROM public.open;
CREATE VIEW private.people AS SELECT id, email FROM auth.users;
