-- What the second version of CatalogueEntry says, the history of assignments, and what watches which way of failing.
alter table store.asset
  add state text, add redundancy_group text,
  add run_state jsonb, add modes jsonb not null default '[]', add drivers jsonb not null default '[]',
  add settling_s double precision, add power_kw double precision, add shaft_height_mm double precision, add speed_rpm double precision,
  add support text, add machine_group text, add bearings jsonb not null default '[]', add gear_teeth int[] not null default '{}',
  add blades int;
alter table store.sensor
  add valid_from timestamptz, add span_low double precision, add span_high double precision,
  add delay_on_s double precision, add delay_off_s double precision, add settling_s double precision, add support text,
  add statistic text, add point text, add direction text, add redundant_with text, add coupled_with text[] not null default '{}';

-- One row = one catalogue entry of a sensor, as far as it says where the sensor is and what its values mean.
create table store.assignment (
  sensor text not null, version bigint not null, -- microseconds since 1970 at which the entry was made
  asset text not null, scale double precision not null, "offset" double precision not null,
  valid_from timestamptz, gone boolean not null, -- decommissioned
  primary key (sensor, version));
insert into store.assignment
  select s.name, s.version, a.name, coalesce(s.scale, 1), coalesce(s."offset", 0), null, s.catalogued_state is not distinct from 'decommissioned'
  from store.sensor s join store.asset a using (asset_id) where s.version >= 0;

-- Filled by every `maint migrate` from the classes of the release.
create table store.failure_mode (
  class text not null, failure_mode text not null, code text not null,
  p_f_low_h double precision, p_f_high_h double precision, source text not null, action text not null,
  primary key (class, failure_mode));
create table store.symptom (
  class text not null, failure_mode text not null, nth int not null,
  quantity text not null, point text, direction text, detector text not null, needs text not null,
  primary key (class, failure_mode, nth));

create or replace view plant.asset as
  select a.name as asset, a.site, a.path, a.class, a.cmms_id, a.criticality, count(s.sensor_id) as sensors,
    a.state, a.redundancy_group, a.run_state, a.modes, a.drivers, a.settling_s, a.power_kw, a.shaft_height_mm, a.speed_rpm,
    a.support, a.machine_group, a.bearings, a.gear_teeth, a.blades
  from store.asset a left join store.sensor s using (asset_id) group by a.asset_id;

create or replace view plant.sensor as
  select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity) as quantity, s.unit,
    coalesce(s.catalogued_state, s.state) as state, s.gateway, s.class,
    s.limit_ll, s.limit_l, s.limit_h, s.limit_hh, s.range_low, s.range_high, s.deadband, s.rate_max, s.period_s,
    l.ts as last_ts, nullif(l.value, 'NaN') as last_value, l.status::bigint & 4294967295 as last_status,
    s.version >= 0 as catalogued, s.sensor_id,
    s.scale, s."offset", s.valid_from, s.span_low, s.span_high, s.delay_on_s, s.delay_off_s, s.resolution, s.reporting,
    s.statistic, s.point, s.direction, s.support, s.settling_s, s.redundant_with, s.coupled_with
  from store.sensor s left join store.asset a using (asset_id)
  left join lateral (select m.ts, m.value, m.status from store.measurement m
    where m.sensor_id = s.sensor_id and m.ts >= coalesce(s.newest_hour, now() - interval '1 day')
    order by m.ts desc limit 1) l on true;

create view plant.sensor_assignment as
  with entry as (
    select *, to_timestamp(least(version, 253402300799000000) / 1e6) as known_at,
      lag((asset, scale, "offset", valid_from, gone)) over each as before, lag(valid_from) over each as valid_before
    from store.assignment window each as (partition by sensor order by version)),
  changed as (
    select *, case when valid_from is not null and valid_from is distinct from valid_before then valid_from else known_at end as since
    from entry where (asset, scale, "offset", valid_from, gone) is distinct from before),
  run as (
    select *, lead(since) over (partition by sensor order by version) as until from changed)
  select sensor, asset, scale, "offset", since, until, known_at from run where not gone;

create view plant.coverage as
  select a.name as asset, a.criticality, a.class, f.failure_mode,
    case when f.failure_mode is null then 'no class' when w.sensor is null then 'not monitored' else 'watched' end as coverage,
    w.sensor, w.detector, w.state, f.p_f_low_h, f.p_f_high_h, f.action, a.site
  from store.asset a
  left join store.failure_mode f on f.class = a.class
  left join lateral (
    select distinct s.name as sensor, y.detector, coalesce(s.catalogued_state, s.state) as state
    from store.symptom y join store.sensor s on s.asset_id = a.asset_id and coalesce(s.catalogued_quantity, s.quantity) = y.quantity
    where y.class = f.class and y.failure_mode = f.failure_mode and s.version >= 0
      and coalesce(s.catalogued_state, '') not in ('out_of_service', 'decommissioned')
      and (y.point is null or y.point = s.point) and (y.direction is null or y.direction = s.direction)
      and case y.needs
        when 'limit' then coalesce(s.limit_ll, s.limit_l, s.limit_h, s.limit_hh) is not null
        when 'bearing' then jsonb_array_length(a.bearings) > 0 and (coalesce(a.speed_rpm, 0) <> 0 or a.drivers @> '[{"role": "speed"}]')
        when 'group' then (a.machine_group is not null or a.power_kw is not null) and s.unit = 'mm/s' and s.statistic = 'rms'
        else true end) w on true
  where a.version >= 0 and a.state is distinct from 'decommissioned';

comment on column plant.asset.state is 'Decommissioned, or null.';
comment on column plant.asset.redundancy_group is 'Assets of one group stand in for each other.';
comment on column plant.asset.run_state is 'When it runs: sensor_id, comparison (above or below), threshold, hysteresis, delay_s; null = not known.';
comment on column plant.asset.modes is 'Operating modes while it runs: name, sensor_id, low, high.';
comment on column plant.asset.drivers is 'Sensors that explain normal changes: role (speed, load, ambient, demand), sensor_id.';
comment on column plant.asset.settling_s is 'Seconds after a start, a stop or a change of mode that are not scored; null = 600, temperatures 3600.';
comment on column plant.asset.power_kw is 'Rated power, kW.';
comment on column plant.asset.shaft_height_mm is 'Shaft height, mm.';
comment on column plant.asset.speed_rpm is 'Rated speed, r/min.';
comment on column plant.asset.support is 'Rigid or flexible.';
comment on column plant.asset.machine_group is '1 or 2 (ISO 20816-3), I or II (ISO 10816-7); null = derived.';
comment on column plant.asset.bearings is 'Rolling bearings: point, elements, diameter_mm, pitch_mm, angle_deg.';
comment on column plant.asset.gear_teeth is 'Teeth of its gears in the order of power flow.';
comment on column plant.asset.blades is 'Blades or vanes of its rotor.';
comment on column plant.sensor.scale is 'Value = raw * scale + offset.';
comment on column plant.sensor."offset" is 'Value = raw * scale + offset.';
comment on column plant.sensor.valid_from is 'Event time from which scale and offset count; null = always.';
comment on column plant.sensor.span_low is 'Lowest value expected in service.';
comment on column plant.sensor.span_high is 'Highest value expected in service.';
comment on column plant.sensor.delay_on_s is 'A limit must be passed for this long, seconds.';
comment on column plant.sensor.delay_off_s is 'A limit must be left for this long, seconds.';
comment on column plant.sensor.resolution is 'Smallest step the instrument can show.';
comment on column plant.sensor.reporting is 'Unknown, periodic or by_exception.';
comment on column plant.sensor.statistic is 'What the values are of the signal: rms, peak, peak_to_peak, mean; null = not known.';
comment on column plant.sensor.point is 'Measuring point: DE, NDE, ...';
comment on column plant.sensor.direction is 'Measuring direction.';
comment on column plant.sensor.support is 'Rigid or flexible in this direction; null = as the asset.';
comment on column plant.sensor.settling_s is 'Seconds after a start, a stop or a change of mode that are not scored; null = as the asset.';
comment on column plant.sensor.redundant_with is 'Another sensor that measures the same.';
comment on column plant.sensor.coupled_with is 'Sensors that move together with it on a healthy machine.';
comment on view plant.sensor_assignment is 'Which sensor was on which asset with which scale and offset, from when till when, as the catalogue said.';
comment on column plant.sensor_assignment.sensor is 'Sensor, as in the topics.';
comment on column plant.sensor_assignment.asset is 'Asset it was on.';
comment on column plant.sensor_assignment.scale is 'Value = raw * scale + offset.';
comment on column plant.sensor_assignment."offset" is 'Value = raw * scale + offset.';
comment on column plant.sensor_assignment.since is 'Begin: valid_from where it was stated anew, else the time of the entry.';
comment on column plant.sensor_assignment.until is 'End; null = in force.';
comment on column plant.sensor_assignment.known_at is 'Time of the catalogue entry.';
comment on view plant.coverage is 'Which sensor and detector watch each failure mode of each asset; one row per pair, one row `not monitored` where there is none.';
comment on column plant.coverage.asset is 'Asset, as in the topics.';
comment on column plant.coverage.criticality is 'A, B or C.';
comment on column plant.coverage.class is 'Class of the asset.';
comment on column plant.coverage.failure_mode is 'Way of failing, from the class; null without one.';
comment on column plant.coverage.coverage is 'watched, not monitored, or no class: the asset has none, or none with a template.';
comment on column plant.coverage.sensor is 'Sensor that shows it.';
comment on column plant.coverage.detector is 'Detector that sees it.';
comment on column plant.coverage.state is 'Life cycle of the sensor: only a monitored one may alarm.';
comment on column plant.coverage.p_f_low_h is 'Shortest time from the first symptom to the functional failure, hours; source in the class.';
comment on column plant.coverage.p_f_high_h is 'Longest such time, hours.';
comment on column plant.coverage.action is 'Recommended action.';
comment on column plant.coverage.site is 'Site of the asset.';
