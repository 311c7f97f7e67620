CREATE POLICY sleeping ON public.plain USING (id IS NOT NULL);
