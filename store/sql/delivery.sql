-- How fast and how far behind the sinks are, as they measured it: the only place where the end of the log is known.
create table store.delivery (
  at timestamptz not null, topic text not null, sink text not null,
  rows bigint not null,                         -- written since the row before
  p50_s real, p99_s real,                       -- Kafka timestamp to commit, of these rows; null = none
  lag bigint not null,                          -- records between its positions and the ends of its partitions
  primary key (topic, sink, at));
create index on store.delivery (at);

create view ops.delivery as
  select at, topic, sink, rows, p50_s, p99_s, lag from store.delivery;

comment on view ops.delivery is 'Speed and lag of each sink by consumed topic, every few seconds, kept for 7 days.';
comment on column ops.delivery.at is 'When it was measured.';
comment on column ops.delivery.topic is 'Kafka topic.';
comment on column ops.delivery.sink is 'Sink process.';
comment on column ops.delivery.rows is 'Rows it wrote since its row before.';
comment on column ops.delivery.p50_s is 'Median time from Kafka timestamp to commit of these rows, seconds; null = no rows.';
comment on column ops.delivery.p99_s is '99th percentile of that time, seconds; null = no rows.';
comment on column ops.delivery.lag is 'Records between its positions and the ends of its partitions.';
