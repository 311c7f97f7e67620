-- The database that locks.txt was measured on: every kind of thing that a statement can meet.
create schema other_schema;
create type mood as enum ('sad', 'ok');
create domain posint as int check (value > 0);
create domain plainint as int;
create domain plaintext as text;
create function trf() returns trigger language plpgsql as $$begin return new; end$$;
create sequence sq;

create table parent (id int primary key, k int, constraint parent_k_key unique (k));
create table child (id int primary key, pid int references parent (id));
create table big (
  id int primary key, pid int, a int, b text, c char(5), n numeric(10,2), v varchar(10), vu varchar(10), q int,
  ts timestamp, tz timestamptz, t3 timestamp(3), iv interval(3), ip cidr, vb varbit(8), j json, jb jsonb,
  e mood default 'ok', nn int, xx text,
  constraint uqv unique (vu), constraint nnv check (nn is not null), constraint ckv check (a >= -1)
);
alter table big add constraint ckn check (a > -100) not valid;
alter table big add constraint fkn foreign key (pid) references parent (id) not valid;
create unique index big_a_u on big (a);
create unique index big_nn_u on big (id, nn);
create index big_b on big (b);
create index big_q on big (q);
create index big_ts on big (ts);
create index big_v on big (v);
create trigger tr0 before insert on big for each row execute function trf();
create policy p0 on big using (true);
create view vw as select id, a from big;
create materialized view mv as select id, a from big;
create unique index mv_u on mv (id);

create table s1 (id int, t text);
create table s2 (id int, t text, constraint s2c check (id is not null and id >= 400 and id < 500));
create table n1 (id int, t text);
create table n2 (id int, t text, constraint n2c check (id is not null and id >= 400 and id < 500));
create table pt (id int, t text) partition by range (id);
create table pt1 partition of pt for values from (0) to (100);
create table pt2 partition of pt for values from (100) to (200);
create table ptd partition of pt default;
create table pt_nd (id int, t text) partition by range (id);
create table idn (id int generated always as identity, x int not null);
create table gen (a int, g int generated always as (a * 2) stored);
create table ul (id int, t text);
create table dom (d plainint);
create table inh_p (id int);
create table inh_c (id int);
create publication pub;

insert into parent select g, g from generate_series(1, 300) g;
insert into child select g, g from generate_series(1, 300) g;
insert into big (id, pid, a, b, c, n, v, vu, q, ts, tz, t3, iv, ip, vb, j, jb, nn, xx)
  select g, g, g, 'b' || g, 'c', g, 'v' || g, 'u' || g, g, now(), now(), now(), '1 hour', '10.0.0.0/8', '101', '{}', '{}', g, 'ok'
  from generate_series(1, 300) g;
insert into s1 select g, 't' from generate_series(300, 399) g;
insert into s2 select g, 't' from generate_series(400, 499) g;
insert into n1 select g, 't' from generate_series(300, 399) g;
insert into n2 select g, 't' from generate_series(400, 499) g;
insert into pt select g, 't' from generate_series(0, 250) g where g < 200;
insert into pt values (1000, 't');
insert into idn (x) select g from generate_series(1, 100) g;
insert into gen (a) select g from generate_series(1, 100) g;
insert into ul select g, 't' from generate_series(1, 100) g;
insert into dom select g from generate_series(1, 100) g;
