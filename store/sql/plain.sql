-- PostgreSQL without TimescaleDB: monthly partitions, which the sink adds for any time since 2000 (store/partitions.py).
-- There is no default partition: its rows would block the partition they belong to.
create table store.measurement (like store.measurement_revision, primary key (sensor_id, ts)) partition by range (ts);
create view ops.job_health as
  select name as job, last_run, last_success, duration_s, ok, detail from store.job;
