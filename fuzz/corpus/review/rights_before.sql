CREATE TABLE public.notes (id uuid PRIMARY KEY, user_id uuid, body text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.notes FOR SELECT USING ((select auth.uid()) = user_id);
CREATE TABLE public.open (id uuid PRIMARY KEY);
CREATE SCHEMA private;
