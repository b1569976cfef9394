-- Health that a sensor's own fault does not lower, and that goes on while a value reported by exception holds.
create index episode_of_sensor on store.episode (asset, start) where subject = 'sensor';

-- Mean of each sensor by windows of ten minutes. In a window without a reading of it, a sensor that reports by exception has the
-- value of its newest reading: for three of its stated longest intervals, as the silence rule has it, or for a day without one.
create view store.level as
  select asset, sensor, start, mode, mean, false as held from plant.feature where window_s = 600 and mean is not null
  union all
  select f.asset, s.name, f.start, f.mode, m.value, true
  from store.feature f
  join store.asset a on a.name = f.asset
  join store.sensor s on s.asset_id = a.asset_id and s.reporting = 'by_exception' and s.name <> all (f.sensors)
  cross join lateral (
    select r.value, r.status from store.measurement r
    where r.sensor_id = s.sensor_id and r.ts < f.start
      and r.ts >= f.start - coalesce(3 * nullif(s.period_s, 0) * interval '1 second', interval '1 day')
    order by r.ts desc limit 1) m
  where f.window_s = 600 and m.status >= 0 and m.value <> 'NaN';

create or replace view plant.health_part as
  select f.asset, f.sensor, f.start, f.mode, f.mean, e.expected, b.accepted,
    case when sign(f.mean - e.expected) >= 0 then coalesce(s.limit_h, s.limit_hh) else coalesce(s.limit_l, s.limit_ll) end as "limit",
    case when d.fault is null then
      round((1 - least(1, greatest(0, abs(f.mean - e.expected) - b.spread) / greatest(coalesce(
        abs(case when f.mean >= e.expected then coalesce(s.limit_h, s.limit_hh) else coalesce(s.limit_l, s.limit_ll) end - e.expected),
        10 * b.spread) - b.spread, b.spread, 1e-300)))::numeric, 3)::double precision end as health,
    d.fault, f.held
  from store.level f
  join plant.baseline b on b.sensor = f.sensor and b.mode = f.mode and b.asset = f.asset
  join store.sensor s on s.name = f.sensor
  cross join lateral (
    select b.normal + coalesce(sum(d.slope * (g.mean - d.centre)), 0) as expected
    from jsonb_to_recordset(b.drivers) d (sensor_id text, slope double precision, centre double precision)
    join store.level g on g.asset = f.asset and g.sensor = d.sensor_id and g.start = f.start) e
  cross join lateral (
    select min(c.kind) as fault
    from store.episode o cross join lateral jsonb_to_recordset(o.contributions) c (sensor_id text, detector text, kind text)
    where o.subject = 'sensor' and o.asset = f.asset and o.start < f.start + interval '10 minutes'
      and coalesce(o."end", 'infinity') >= f.start and c.detector <> 'health/silent' -- who is silent has no window
      and (c.sensor_id = f.sensor or b.drivers @> jsonb_build_array(jsonb_build_object('sensor_id', c.sensor_id)))) d;

create or replace view plant.health as
  select asset, start, min(health) as health,
    (array_agg(sensor order by health, sensor) filter (where health is not null))[1] as worst_sensor,
    count(health) as sensors, bool_and(accepted) filter (where health is not null) as accepted, count(fault) as faulty
  from plant.health_part group by asset, start;

comment on view plant.health is 'Health 0..1 of each asset: that of its worst sensor that is not at fault itself. Filter by asset and start.';
comment on column plant.health_part.health is '1 within the usual scatter .. 0 at the limit, or ten scales away where there is none; null = unknown: see fault.';
comment on column plant.health_part.fault is 'Kind of the sensor episode that covers this window, of the sensor itself or of a driver; null = none.';
comment on column plant.health_part.held is 'True when the window has no reading: the value reported by exception still holds.';
comment on column plant.health.health is '1 within the usual scatter .. 0 at the limit: that of the worst sensor; null = unknown, no sensor without a fault is left.';
comment on column plant.health.sensors is 'Sensors with a reference in this window that are not at fault.';
comment on column plant.health.accepted is 'True when a person accepted all of these references; null = none is left.';
comment on column plant.health.faulty is 'Sensors with a reference that are at fault, or a driver of theirs is: they do not count.';
