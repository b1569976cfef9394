-- One asset with one sensor and everything a dashboard can show of them. :now is replaced by the time of the test.
insert into store.asset (name, criticality) values ('pump''s 1', 'A');
insert into store.sensor (name, asset_id, quantity, unit, state, version, gateway, limit_hh, newest_hour)
  values ('P1.vib', 1, 'vibration', 'mm/s', 'monitored', 1, 'G1', 9, :now - interval '1 hour');
insert into store.source (topic, topic_id, partition, src_off) values ('readings.raw.v1', 'T1', 0, 99);

-- two hours of readings every 10 s, the newest one bad; five of them corrected
insert into store.measurement (sensor_id, status, ts, value, known_at, off, score, flags, source)
  select 1, case step when 0 then -2146435072 else 0 end, :now - step * interval '10 s', 2.5 + step % 7, :now - step * interval '10 s',
    720 - step, 1.5, 0, 1 from generate_series(0, 719) step;
insert into store.measurement_revision (sensor_id, status, ts, value, known_at, off, score, flags, source)
  select 1, 0, :now - step * interval '10 s', 99, :now, 1000 + step, 1.5, 0, 1 from generate_series(0, 4) step;
insert into store.rollup_1m (sensor_id, n, ts, mean, min, max, last, good, score_max, rows)
  select 1, 6, :now - step * interval '1 minute', 2, 1, 3, 2, 0.9, 4, 6 from generate_series(0, 19) step;
insert into store.rollup_1h (sensor_id, n, ts, mean, min, max, last, good, score_max, rows)
  select 1, 360, :now - step * interval '1 hour', 2, 1, 3, 2, 1, 4, 360 from generate_series(0, 19) step;

insert into store.feature (topic_id, partition, off, nth, asset, window_s, start, known_at, historical, mode, kernel, sensors, n, good,
    mean, std, min, max, first, last, slope, rms, peak_to_peak, kurtosis, crest, surprise)
  select 'T1', 0, step, 0, 'pump''s 1', 60, :now - step * interval '1 minute', :now, false, '', 'k1', '{P1.vib}', '{6}', '{1}',
    '{2}', '{1}', '{1}', '{3}', '{1}', '{3}', '{0.1}', '{2.2}', '{2}', '{3}', '{1.4}', '{2.5}' from generate_series(1, 5) step;

insert into store.evidence (topic_id, partition, off, nth, asset, sensor, gateway, detector, kind, subject, phase, ts, since, known_at,
    value, expected, surprise, threshold, severity, historical, mode, model, contributions)
  values ('T1', 0, 2, 0, 'pump''s 1', 'P1.vib', 'G1', 'level1/ewma', 'spike', 'machine', 'on', :now - interval '30 minutes',
    :now - interval '30 minutes', :now, 9, 2, 12, 7.5, 4, false, '', 'ewma/1', '{}');

-- two open episodes, of the machine and of a sensor, and one that is over
insert into store.episode (episode_id, revision, asset, subject, detector, kind, phase, start, last, "end", known_at, severity, surprise,
    historical, "grouped", contributions, mode, model, thresholds, quality, correlation_id, causation_id)
  select gen_random_uuid(), 0, 'pump''s 1', e.subject, 'level1/ewma', 'spike', e.phase, :now - e.age, :now, e."end", :now, e.severity, 12,
    false, 0, '[{"sensor_id": "P1.vib", "share": 1, "detector": "level1/ewma", "kind": "spike", "surprise": 12, "value": 9, "expected": 2}]',
    '', 'ewma/1', '{}', 1, 'c', 'c'
  from (values ('machine', 'open', interval '30 minutes', null::timestamptz, 4), ('sensor', 'open', interval '20 minutes', null, 3),
    ('machine', 'close', interval '40 minutes', :now - interval '35 minutes', 2)) e (subject, phase, age, "end", severity);

insert into store.ledger (source, minute, stored, rejected, mark) values (1, date_trunc('minute', :now) - interval '1 minute', 90, 4, 6);
insert into store.position (topic, partition, topic_id, off) values ('readings.scored.v1', 0, 'T2', 7);
insert into store.rejection (topic, topic_id, partition, off, nth, known_at, reason, detail, value, length, sha256)
  values ('readings.raw.v1', 'T1', 0, 3, 0, :now, 'bad_timestamp', 'ts lies 8 h ahead', '', 0, '');
insert into store.poison (topic, topic_id, partition, off, at, detail) values ('evidence.v1', 'T3', 0, 1, :now, 'test');
insert into store.job (name, last_run, last_success, duration_s, ok, detail) values ('rollup', now(), now(), 0.1, true, '');
insert into store.delivery (at, topic, sink, rows, p50_s, p99_s, lag) values (:now, 'readings.scored.v1', 'sink', 10, 0.2, 0.9, 5);
insert into store.prediction (prediction_id, asset, ts, known_at, historical, mode, method, health, health_reason, parts, model, version,
    digest, inputs, outputs, fallback, limit_d, limit_low_d, limit_high_d, limit_reason, limit_sensor, limit_mode, limit_kind, hours,
    deviation, seed, rul_reason, p_reason, candidates, coverage, duty, duty_days, severity, maintenance_type, "first", "last", windows, days,
    kernel, correlation_id, causation_id)
  select gen_random_uuid(), 'pump''s 1', :now - step * interval '1 hour', :now, false, '', 'trend', 0.8, '', '[]', '', 0, '', '{}', '{}',
    'no model of this asset or class', 20 + step, 15 + step, 30 + step, '', 'P1.vib', '', 'configured', '{-24,0}', '{0.1,0.2}', 1,
    'no model of this asset or class', 'no model of this asset or class', '[]', 0.9, 1, 14, 3, 'preventive', :now - interval '20 days',
    :now, 2880, 20, 'k1', 'c', 'c' from generate_series(0, 5) step;
