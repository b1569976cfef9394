-- What readers see. Columns are named one by one: a new column of a table is not a new column of a view.
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

create view plant.measurement as
  select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity) as quantity, s.unit,
    m.ts, nullif(m.value, 'NaN') as value, m.status::bigint & 4294967295 as status, nullif(m.score, 'NaN') as score,
    m.flags, m.known_at, m.sensor_id
  from store.measurement m join store.sensor s using (sensor_id) left join store.asset a using (asset_id);

create view plant.measurement_revision as
  select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity) as quantity, s.unit,
    m.ts, nullif(m.value, 'NaN') as value, m.status::bigint & 4294967295 as status, nullif(m.score, 'NaN') as score,
    m.flags, m.known_at, m.sensor_id
  from store.measurement_revision m join store.sensor s using (sensor_id) left join store.asset a using (asset_id);

create view plant.measurement_1m as
  select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity) as quantity, s.unit,
    r.ts, r.n, r.mean, r.min, r.max, r.last, r.good, r.score_max, r.sensor_id
  from store.rollup_1m r join store.sensor s using (sensor_id) left join store.asset a using (asset_id);

create view plant.measurement_1h as
  select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity) as quantity, s.unit,
    r.ts, r.n, r.mean, r.min, r.max, r.last, r.good, r.score_max, r.sensor_id
  from store.rollup_1h r join store.sensor s using (sensor_id) left join store.asset a using (asset_id);

create view plant.feature as
  select f.asset, u.sensor, f.window_s, f.start, u.n, u.good,
    nullif(u.mean, 'NaN') as mean, nullif(u.std, 'NaN') as std, nullif(u.min, 'NaN') as min, nullif(u.max, 'NaN') as max,
    nullif(u.first, 'NaN') as first, nullif(u.last, 'NaN') as last, nullif(u.slope, 'NaN') as slope, nullif(u.rms, 'NaN') as rms,
    nullif(u.peak_to_peak, 'NaN') as peak_to_peak, nullif(u.kurtosis, 'NaN') as kurtosis, nullif(u.crest, 'NaN') as crest,
    nullif(u.surprise, 'NaN') as surprise, f.mode, f.historical, f.known_at, f.kernel
  from store.feature f cross join lateral unnest(f.sensors, f.n, f.good, f.mean, f.std, f.min, f.max, f.first, f.last, f.slope, f.rms,
    f.peak_to_peak, f.kurtosis, f.crest, f.surprise)
    u (sensor, n, good, mean, std, min, max, first, last, slope, rms, peak_to_peak, kurtosis, crest, surprise);

create view plant.evidence as
  select asset, nullif(sensor, '') as sensor, nullif(gateway, '') as gateway, detector, kind, subject, phase, ts, since, known_at,
    nullif(value, 'NaN') as value, nullif(expected, 'NaN') as expected, nullif(surprise, 'NaN') as surprise,
    nullif(threshold, 'NaN') as threshold, severity, historical, mode, model
  from store.evidence;

create view plant.episode as
  select episode_id, revision, asset, subject, detector, kind, phase, phase <> 'close' as open, start, last, "end", known_at,
    severity, nullif(surprise, 'NaN') as surprise, historical, "grouped", mode, model, quality, correlation_id
  from store.episode;

create view plant.episode_step as
  select episode_id, revision, asset, subject, detector, kind, phase, start, last, "end", known_at,
    severity, nullif(surprise, 'NaN') as surprise, historical, "grouped", mode, model, quality, causation_id
  from store.episode_step;

create view plant.episode_contribution as
  select e.episode_id, e.asset, e.start, c.sensor_id as sensor, c.share, c.detector, c.kind,
    nullif(c.surprise, 'NaN') as surprise, nullif(c.value, 'NaN') as value, nullif(c.expected, 'NaN') as expected
  from store.episode e cross join lateral jsonb_to_recordset(e.contributions)
    c (sensor_id text, share double precision, detector text, kind text, surprise double precision,
       value double precision, expected double precision);

create view ops.ledger as
  select s.topic, s.partition, l.minute, l.stored, l.corrected, l.duplicate, l.rejected, l.mark, l.void, l.expired, l.late,
    l.stored + l.corrected + l.duplicate + l.rejected + l.mark + l.void + l.expired as accounted
  from store.ledger l join store.source s using (source) where s.retired_at is null;

create view ops.source as
  select s.topic, s.partition, s.topic_id, s.src_off as newest_offset, s.gap_start, s.gap_end, s.gap_since, s.source
  from store.source s where s.retired_at is null;

create view ops.position as
  select topic, partition, topic_id, off as next_offset from store.position;

create view ops.rejection as
  select topic, partition, off as "offset", nth, known_at, reason, detail, sensor, key, value, length, sha256, claimed_at, replayed_at,
    topic_id from store.rejection;

create view ops.poison as
  select topic, partition, off as "offset", at, detail, value, topic_id from store.poison;
