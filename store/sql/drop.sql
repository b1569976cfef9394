drop schema if exists ops cascade;
drop schema if exists plant cascade;
drop schema if exists store cascade;
