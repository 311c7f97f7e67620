CREATE POLICY narrow ON public.notes AS RESTRICTIVE FOR SELECT USING (body <> '');
CREATE POLICY others ON public.notes FOR SELECT TO service_role USING (body <> '');
