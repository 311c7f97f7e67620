CREATE POLICY everything ON public.notes FOR ALL TO authenticated USING (true) WITH CHECK (true);
CREATE POLICY service ON public.notes FOR ALL TO service_role USING (true);
