-- Coverage counts what judges vibration by itself: zones where a standard has limits, lines of bearings where frames came.

-- Whether the table of limits (processors/zones.py) has any for such a machine and what is measured: velocity, displacement.
create function store.judged(measured text, class text, machine_group text, power_kw double precision, shaft_height_mm double precision,
    speed_rpm double precision, support text) returns boolean language sql immutable parallel safe as $$
  select coalesce(case
    when class in ('gearbox', 'reciprocating', 'wind_turbine', 'hydro') or speed_rpm < 600 then false
    when class = 'pump' then measured = 'velocity' and machine_group in ('I', 'II') and power_kw > 1
    when speed_rpm > 30000 or support not in ('rigid', 'flexible') then false
    when class = 'fan' and support = 'flexible' and coalesce(power_kw, 0) <= 300 then false
    when machine_group is not null then machine_group in ('1', '2')
    when coalesce(class, 'compressor') = 'compressor' then false
    when power_kw is not null then power_kw > 15 and power_kw <= 50000
    else shaft_height_mm >= 160 end and speed_rpm is not null and (class = 'pump' or support is not null)
    and measured in ('velocity', 'displacement'), false) $$;

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
          select from plant.baseline b where b.sensor = d.name and b.asset = a.name and b.mode <> 'off' and b.accepted)) as referred,
        bool_or(d.newest_hour is not null and d.name like '%:velocity\_rms') as framed
      from store.sensor d where d.asset_id = a.asset_id and s.name in (d.name, regexp_replace(d.name, ':[^:]*$', ''))) heard
    where y.class = f.class and y.failure_mode = f.failure_mode and s.version >= 0
      and coalesce(s.catalogued_state, '') not in ('out_of_service', 'decommissioned')
      and (y.point is null or y.point = s.point) and (y.direction is null or y.direction = s.direction)
      and case y.needs
        when 'limit' then coalesce(s.limit_ll, s.limit_l, s.limit_h, s.limit_hh) is not null
        when 'bearing' then heard.framed and coalesce(a.speed_rpm, 0) <> 0
          and exists (select from jsonb_array_elements(a.bearings) b where s.point is null or s.point = b ->> 'point')
        when 'group' then store.judged(
          case when heard.framed then 'velocity'
            when s.statistic = 'rms' and s.reporting is distinct from 'by_exception' then
              case when s.unit = 'mm/s' then 'velocity' when s.unit in ('um', 'µm', 'μm') then 'displacement' end end,
          a.class, a.machine_group, a.power_kw, a.shaft_height_mm, a.speed_rpm, coalesce(s.support, a.support))
        else true end) w on true
  where a.version >= 0 and a.state is distinct from 'decommissioned';

comment on column plant.coverage.detector is 'Detector that sees it. vibration/zone: a standard has limits for the point; vibration/envelope: frames came, bearing and rated speed are stated.';
