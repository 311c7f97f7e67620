CREATE POLICY admins ON public.notes FOR DELETE USING (((select auth.jwt()) -> 'user_metadata' ->> 'admin') = 'true');
