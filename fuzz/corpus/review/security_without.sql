CREATE TABLE public.profiles (id uuid PRIMARY KEY);
