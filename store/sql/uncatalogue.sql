drop view plant.coverage;
drop view plant.sensor_assignment;
drop view plant.asset;
drop view plant.sensor;
drop table store.symptom;
drop table store.failure_mode;
drop table store.assignment;
alter table store.asset
  drop state, drop redundancy_group, drop run_state, drop modes, drop drivers, drop settling_s, drop power_kw, drop shaft_height_mm,
  drop speed_rpm, drop support, drop machine_group, drop bearings, drop gear_teeth, drop blades;
alter table store.sensor
  drop valid_from, drop span_low, drop span_high, drop delay_on_s, drop delay_off_s, drop settling_s, drop support, drop statistic,
  drop point, drop direction, drop redundant_with, drop coupled_with;
create view plant.asset as
  select a.name as asset, a.site, a.path, a.class, a.cmms_id, a.criticality, count(s.sensor_id) as sensors
  from store.asset a left join store.sensor s using (asset_id) group by a.asset_id;

create view plant.sensor as
  select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity) as quantity, s.unit,
    coalesce(s.catalogued_state, s.state) as state, s.gateway, s.class,
    s.limit_ll, s.limit_l, s.limit_h, s.limit_hh, s.range_low, s.range_high, s.deadband, s.rate_max, s.period_s,
    l.ts as last_ts, nullif(l.value, 'NaN') as last_value, l.status::bigint & 4294967295 as last_status,
    s.version >= 0 as catalogued, s.sensor_id
  from store.sensor s left join store.asset a using (asset_id)
  left join lateral (select m.ts, m.value, m.status from store.measurement m
    where m.sensor_id = s.sensor_id and m.ts >= coalesce(s.newest_hour, now() - interval '1 day')
    order by m.ts desc limit 1) l on true;

