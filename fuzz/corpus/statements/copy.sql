\restrict x
SELECT 1; /* COPY a FROM stdin; */
COPY a (b) FROM stdin;
1;2
\.
copy b from stdin with (format csv);
'x
\.
\unrestrict x
COPY c FROM STDIN;
no end
