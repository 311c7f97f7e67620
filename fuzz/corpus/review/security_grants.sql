GRANT ALL ON public.notes TO PUBLIC;
GRANT SELECT ON public.notes TO reader;
