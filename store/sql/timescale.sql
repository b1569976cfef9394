-- TimescaleDB: a hypertable with a columnstore; chunks of a day.
create extension if not exists timescaledb;
create table store.measurement (like store.measurement_revision, primary key (sensor_id, ts));
select create_hypertable('store.measurement', by_range('ts', interval '1 day'), create_default_indexes => false);
-- the names of before 2.18: all versions since 2.13 know them
alter table store.measurement set (timescaledb.compress, timescaledb.compress_segmentby = 'sensor_id', timescaledb.compress_orderby = 'ts');
select add_compression_policy('store.measurement', interval '7 days', if_not_exists => true);
create view ops.job_health as
  select name as job, last_run, last_success, duration_s, ok, detail from store.job
  union all
  select 'timescaledb: ' || j.proc_name || ' ' || s.job_id,
    nullif(s.last_run_started_at, '-infinity'), nullif(s.last_successful_finish, '-infinity'), -- where it never happened
    extract(epoch from s.last_run_duration)::double precision, s.last_run_status is distinct from 'Failed',
    -- only the owner of a job sees why it failed
    case s.last_run_status when 'Failed' then concat_ws(': ', 'Failed', e.err_message) else coalesce(s.last_run_status, 'not run yet') end
  from timescaledb_information.job_stats s join timescaledb_information.jobs j using (job_id)
  left join lateral (select err_message from timescaledb_information.job_errors
    where job_id = s.job_id order by finish_time desc limit 1) e on true;
