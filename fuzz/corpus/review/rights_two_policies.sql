CREATE POLICY shared ON public.notes FOR SELECT USING (body = 'shared');
