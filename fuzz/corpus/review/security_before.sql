CREATE TABLE public.notes (id uuid PRIMARY KEY, user_id uuid);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.notes USING (auth.uid() = user_id);
CREATE TABLE public.plain (id uuid PRIMARY KEY);
