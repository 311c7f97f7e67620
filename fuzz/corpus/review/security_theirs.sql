ALTER TABLE auth.users ADD COLUMN nickname text;
CREATE TRIGGER on_signup AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.greet();
