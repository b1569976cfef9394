-- Coverage knows whether a sensor ever sent, and whether a person accepted the reference that slow wear is judged against.
-- What is derived from a sensor of frames (P1.vib:velocity_rms) counts for the sensor of frames, too.
create or replace view plant.coverage as
  select a.name as asset, a.criticality, a.class, f.failure_mode,
    case when f.failure_mode is null then 'no class' else coalesce(w.coverage, 'not monitored') end as coverage,
    w.sensor, w.detector, w.state, f.p_f_low_h, f.p_f_high_h, f.action, a.site
  from store.asset a
  left join store.failure_mode f on f.class = a.class
  left join lateral (
    select distinct s.name as sensor, y.detector, coalesce(s.catalogued_state, s.state) as state,
      case when not heard.sent then 'sensor never sent' when y.needs = 'reference' and not heard.referred then 'no accepted reference'
        else 'watched' end as coverage
    from store.symptom y join store.sensor s on s.asset_id = a.asset_id and coalesce(s.catalogued_quantity, s.quantity) = y.quantity
    cross join lateral (
      select bool_or(d.newest_hour is not null) as sent, bool_or(exists (
          select from plant.baseline b where b.sensor = d.name and b.asset = a.name and b.mode <> 'off' and b.accepted)) as referred
      from store.sensor d where d.asset_id = a.asset_id and s.name in (d.name, regexp_replace(d.name, ':[^:]*$', ''))) heard
    where y.class = f.class and y.failure_mode = f.failure_mode and s.version >= 0
      and coalesce(s.catalogued_state, '') not in ('out_of_service', 'decommissioned')
      and (y.point is null or y.point = s.point) and (y.direction is null or y.direction = s.direction)
      and case y.needs
        when 'limit' then coalesce(s.limit_ll, s.limit_l, s.limit_h, s.limit_hh) is not null
        when 'bearing' then jsonb_array_length(a.bearings) > 0 and (coalesce(a.speed_rpm, 0) <> 0 or a.drivers @> '[{"role": "speed"}]')
        when 'group' then (a.machine_group is not null or a.power_kw is not null) and s.unit = 'mm/s' and s.statistic = 'rms'
        else true end) w on true
  where a.version >= 0 and a.state is distinct from 'decommissioned';

comment on view plant.coverage is 'Which sensor and detector watch each failure mode of each asset, or what they lack; one row per pair, one row `not monitored` where there is none.';
comment on column plant.coverage.coverage is 'watched; sensor never sent; no accepted reference; not monitored: the catalogue has no sensor that would show it; no class: the asset has none, or none with a template.';
