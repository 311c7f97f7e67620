CREATE VIEW public.bodies AS SELECT body FROM public.notes;
CREATE VIEW public.people AS SELECT id, email FROM auth.users;
