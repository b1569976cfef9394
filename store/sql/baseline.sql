-- What is healthy for each sensor, as proposed and accepted; and how far the machines are from it.
create table store.baseline (
  sensor text not null, mode text not null, version bigint not null, -- microseconds since 1970 at which the entry was made
  asset text not null, normal double precision not null, spread double precision not null, sway double precision not null,
  readings bigint not null, "begin" timestamptz, "end" timestamptz,
  accepted boolean not null, who text, reason text, drivers jsonb not null default '[]',
  primary key (sensor, mode, version));

create view plant.baseline_history as
  select sensor, mode, asset, normal, spread, sway, readings, "begin", "end", accepted, who, reason, drivers,
    to_timestamp(least(version, 253402300799000000) / 1e6) as known_at
  from store.baseline;

create view plant.baseline as
  select distinct on (sensor, mode) sensor, mode, asset, normal, spread, sway, readings, "begin", "end", accepted, who, reason, drivers,
    to_timestamp(least(version, 253402300799000000) / 1e6) as known_at
  from store.baseline order by sensor, mode, version desc;

-- Health of a sensor in a window of ten minutes: 1 within its usual scatter, 0 at its limit, or ten scales away where it has none.
create view plant.health_part as
  select f.asset, f.sensor, f.start, f.mode, f.mean, e.expected, b.accepted,
    case when sign(f.mean - e.expected) >= 0 then coalesce(s.limit_h, s.limit_hh) else coalesce(s.limit_l, s.limit_ll) end as "limit",
    round((1 - least(1, greatest(0, abs(f.mean - e.expected) - b.spread) / greatest(coalesce(
      abs(case when f.mean >= e.expected then coalesce(s.limit_h, s.limit_hh) else coalesce(s.limit_l, s.limit_ll) end - e.expected),
      10 * b.spread) - b.spread, b.spread, 1e-300)))::numeric, 3)::double precision as health
  from plant.feature f
  join plant.baseline b on b.sensor = f.sensor and b.mode = f.mode and b.asset = f.asset
  join store.sensor s on s.name = f.sensor
  cross join lateral (
    select b.normal + coalesce(sum(d.slope * (g.mean - d.centre)), 0) as expected
    from jsonb_to_recordset(b.drivers) d (sensor_id text, slope double precision, centre double precision)
    join plant.feature g on g.asset = f.asset and g.sensor = d.sensor_id and g.start = f.start and g.window_s = 600) e
  where f.window_s = 600 and f.mean is not null;

create view plant.health as
  select asset, start, min(health) as health, (array_agg(sensor order by health, sensor))[1] as worst_sensor,
    count(*) as sensors, bool_and(accepted) as accepted
  from plant.health_part group by asset, start;

comment on view plant.baseline is 'What is healthy for each sensor and operating mode: the newest reference, provisional until accepted.';
comment on view plant.baseline_history is 'Every reference that was ever proposed or accepted.';
comment on view plant.health_part is 'Health 0..1 of each sensor by windows of ten minutes, against its reference. Filter by asset and start.';
comment on view plant.health is 'Health 0..1 of each asset: that of its worst sensor. Filter by asset and start.';
comment on column plant.baseline.normal is 'Healthy level: median of the period, in the unit.';
comment on column plant.baseline.spread is 'Robust scale of single readings, in the unit.';
comment on column plant.baseline.sway is 'Robust scale of means of ten minutes, in the unit.';
comment on column plant.baseline.readings is 'Readings of the period that count.';
comment on column plant.baseline."begin" is 'Begin of the period.';
comment on column plant.baseline."end" is 'End of the period.';
comment on column plant.baseline.accepted is 'True when a person accepted it; provisional references inform only.';
comment on column plant.baseline.who is 'Who accepted it.';
comment on column plant.baseline.reason is 'Why it was accepted although a rule spoke against it.';
comment on column plant.baseline.drivers is 'What the drivers explain: sensor_id, slope, centre.';
comment on column plant.baseline.sensor is 'Sensor, as in the topics.';
comment on column plant.baseline.mode is 'Operating mode; empty for an asset without modes.';
comment on column plant.baseline.asset is 'Asset, as in the topics.';
comment on column plant.baseline.known_at is 'When it was proposed or accepted.';
comment on column plant.health_part.expected is 'What the reference expects at this speed and load, in the unit.';
comment on column plant.health_part."limit" is 'Configured limit on the side of the deviation; null = none.';
comment on column plant.health_part.health is '1 within the usual scatter .. 0 at the limit, or ten scales away where there is none.';
comment on column plant.health.health is '1 within the usual scatter .. 0 at the limit: that of the worst sensor.';
comment on column plant.health.worst_sensor is 'The sensor that is worst.';
comment on column plant.health.sensors is 'Sensors with a reference in this window.';
comment on column plant.health.accepted is 'True when a person accepted all of these references.';

-- Columns that other views have already carry the same comment here.
do $$ declare one record; begin
  for one in
    with known as (
      select distinct on (a.attname) a.attname, col_description(a.attrelid, a.attnum) as text
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'plant'::regnamespace and a.attnum > 0 and col_description(a.attrelid, a.attnum) is not null
      order by a.attname, c.relname = 'baseline' desc, c.relname)
    select c.relname, k.attname, k.text from pg_attribute a join pg_class c on c.oid = a.attrelid join known k using (attname)
    where c.oid in ('plant.baseline_history'::regclass, 'plant.health_part'::regclass, 'plant.health'::regclass)
      and a.attnum > 0 and col_description(a.attrelid, a.attnum) is null
  loop execute format('comment on column plant.%I.%I is %L', one.relname, one.attname, one.text); end loop;
end $$;
