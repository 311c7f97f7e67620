CREATE POLICY own_rows ON public.notes FOR UPDATE USING (auth.uid() = user_id);
