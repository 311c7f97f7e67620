CREATE TABLE public.accounts (id uuid PRIMARY KEY, owner uuid);
ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_accounts ON public.accounts USING ((SELECT auth.uid()) = owner);
CREATE POLICY public_read ON public.accounts FOR SELECT USING (true);
