-- What is known of the future of each asset, at most hourly. A plain table on both flavours: few rows.
create table store.prediction (
  prediction_id uuid primary key, asset text not null, ts timestamptz not null, known_at timestamptz not null,
  historical boolean not null, mode text not null, method text not null, health double precision, health_reason text not null,
  parts jsonb not null, model text not null, version int not null, digest text not null, inputs jsonb not null, outputs jsonb not null,
  fallback text not null, limit_h double precision, limit_low_h double precision, limit_high_h double precision, limit_d double precision,
  limit_low_d double precision, limit_high_d double precision, limit_reason text not null, limit_sensor text not null,
  limit_mode text not null, "limit" double precision, limit_kind text not null, slope double precision, score double precision,
  target double precision, since_h double precision, hours double precision[] not null, deviation double precision[] not null,
  seed bigint not null, rul_h double precision, rul_low_h double precision, rul_high_h double precision, rul_d double precision,
  rul_reason text not null, p_failure_7d double precision, p_failure_30d double precision, p_failure_90d double precision,
  p_reason text not null, candidates jsonb not null, coverage double precision not null, duty double precision,
  duty_days double precision not null, severity int not null, maintenance_type text not null, "first" timestamptz not null,
  "last" timestamptz not null, windows bigint not null, days int not null, reference_begin timestamptz, reference_known_at timestamptz,
  kernel text not null, correlation_id text not null, causation_id text not null);
create index on store.prediction (asset, ts desc);
create index on store.prediction (known_at);

create view plant.prediction as
  select
    asset, ts, method, health, maintenance_type, severity, limit_d, limit_low_d, limit_high_d, limit_sensor, limit_reason, rul_d, rul_h,
    rul_low_h, rul_high_h, rul_reason, p_failure_7d, p_failure_30d, p_failure_90d, p_reason, prediction_id, known_at, historical, mode,
    health_reason, parts, model, version, digest, inputs, outputs, fallback, limit_h, limit_low_h, limit_high_h, limit_mode, "limit",
    limit_kind, slope, score, target, since_h, hours, deviation, seed, candidates, coverage, duty, duty_days, "first", "last", windows,
    days, reference_begin, reference_known_at, kernel, correlation_id, causation_id,
    case when abs(limit_d) < 36500 then ts + limit_d * interval '1 day' end as limit_at
  from store.prediction;

create view plant.prediction_now as
  select distinct on (asset)
    asset, ts, method, health, maintenance_type, severity, limit_d, limit_low_d, limit_high_d, limit_sensor, limit_reason, rul_d, rul_h,
    rul_low_h, rul_high_h, rul_reason, p_failure_7d, p_failure_30d, p_failure_90d, p_reason, prediction_id, known_at, historical, mode,
    health_reason, parts, model, version, digest, inputs, outputs, fallback, limit_h, limit_low_h, limit_high_h, limit_mode, "limit",
    limit_kind, slope, score, target, since_h, hours, deviation, seed, candidates, coverage, duty, duty_days, "first", "last", windows,
    days, reference_begin, reference_known_at, kernel, correlation_id, causation_id, limit_at
  from plant.prediction order by asset, ts desc;

comment on view plant.prediction is 'What was known of the future of each asset, at most hourly. Filter by asset and ts.';
comment on view plant.prediction_now is 'The newest prediction of each asset.';
comment on column plant.prediction.asset is 'Asset, as in the topics.';
comment on column plant.prediction.ts is 'Event time of the prediction: end of the newest window.';
comment on column plant.prediction.method is 'model: a model of the asset or its class; trend: time to a limit; none: only health.';
comment on column plant.prediction.health is 'Health of the asset, 1 within its usual scatter .. 0 at a limit: that of its worst sensor; null = not known.';
comment on column plant.prediction.maintenance_type is 'urgent_corrective (7 days or less), preventive (30 or less), inspection, or none.';
comment on column plant.prediction.severity is '1 information .. 4 a limit within 7 days: how bad if true.';
comment on column plant.prediction.limit_d is 'Time to the limit, days of the calendar at the stated duty; null = not available.';
comment on column plant.prediction.limit_low_d is 'Lower end of its interval, days.';
comment on column plant.prediction.limit_high_d is 'Upper end of its interval, days; null = open.';
comment on column plant.prediction.limit_sensor is 'Sensor that reaches its limit first; empty = none.';
comment on column plant.prediction.limit_reason is 'Why there is no time to limit; empty when there is one.';
comment on column plant.prediction.rul_d is 'Remaining useful life, days of the calendar at the stated duty.';
comment on column plant.prediction.rul_h is 'Remaining useful life by a model, running hours; null = not available.';
comment on column plant.prediction.rul_low_h is 'Lower end of its interval, running hours.';
comment on column plant.prediction.rul_high_h is 'Upper end of its interval, running hours.';
comment on column plant.prediction.rul_reason is 'Why there is no remaining life; empty when there is one.';
comment on column plant.prediction.p_failure_7d is 'Probability of a failure within 7 days, 0..1; null = not available.';
comment on column plant.prediction.p_failure_30d is 'Probability of a failure within 30 days, 0..1; null = not available.';
comment on column plant.prediction.p_failure_90d is 'Probability of a failure within 90 days, 0..1; null = not available.';
comment on column plant.prediction.p_reason is 'Why there are no probabilities; empty when there are.';
comment on column plant.prediction.prediction_id is 'UUIDv5 of (asset, ts).';
comment on column plant.prediction.known_at is 'Kafka timestamp of the window that caused it.';
comment on column plant.prediction.historical is 'From readings declared historical: never alarms.';
comment on column plant.prediction.mode is 'Operating mode of the newest window; empty while modes are not configured.';
comment on column plant.prediction.health_reason is 'Why health is null; empty when it is not.';
comment on column plant.prediction.parts is 'Sensors below 1, worst first, at most 20; one of the others where there is none.';
comment on column plant.prediction.model is 'Name of the model that answered; empty = none.';
comment on column plant.prediction.version is 'Its version; 0 = none.';
comment on column plant.prediction.digest is 'sha256 of its files, hexadecimal; empty = none.';
comment on column plant.prediction.inputs is 'What the model was given, by input.';
comment on column plant.prediction.outputs is 'What it answered, by output.';
comment on column plant.prediction.fallback is 'Why no model, or not the best one, answered; empty when the champion did.';
comment on column plant.prediction.limit_h is 'Time to the limit from the trend, running hours; null = not available.';
comment on column plant.prediction.limit_low_h is 'Lower end of its interval, running hours.';
comment on column plant.prediction.limit_high_h is 'Upper end of its interval, running hours; null = open.';
comment on column plant.prediction.limit_mode is 'Operating mode whose values were taken.';
comment on column plant.prediction."limit" is 'The limit, in the unit of the sensor at its usual drivers.';
comment on column plant.prediction.limit_kind is 'configured, or scales: ten robust scales of the reference where no limit is configured; empty = none.';
comment on column plant.prediction.slope is 'Trend of the deviation from the reference, unit of the sensor per 24 running hours.';
comment on column plant.prediction.score is 'Normal score of the trend test (Mann-Kendall, variance enlarged for memory).';
comment on column plant.prediction.target is 'Deviation from the reference at the limit, in the unit.';
comment on column plant.prediction.since_h is 'Running hours between the end of the newest day in the series and ts.';
comment on column plant.prediction.hours is 'Series of the trend: running hours of each day before the end of the newest, <= 0.';
comment on column plant.prediction.deviation is 'Series of the trend: deviation of each day''s median from the reference, in the unit.';
comment on column plant.prediction.seed is 'Seed of the bootstrap; 0 = none.';
comment on column plant.prediction.candidates is 'Ways of failing that fit, with their actions; candidates, not findings. At most 10.';
comment on column plant.prediction.coverage is 'Share of cases that the intervals are meant to hold, 0..1.';
comment on column plant.prediction.duty is 'Share of time in which the asset runs, 0..1: forecast from its last days; null = not known.';
comment on column plant.prediction.duty_days is 'Days the duty was observed over.';
comment on column plant.prediction."first" is 'Begin of the oldest window in the aggregates.';
comment on column plant.prediction."last" is 'Begin of the newest window.';
comment on column plant.prediction.windows is 'Windows of ten minutes that the aggregates were made of.';
comment on column plant.prediction.days is 'Days in the aggregates.';
comment on column plant.prediction.reference_begin is 'Begin of the reference that the trend is measured against: the present life of the item.';
comment on column plant.prediction.reference_known_at is 'When the newest reference of the asset was made or accepted; null = none.';
comment on column plant.prediction.kernel is 'Version of the rules.';
comment on column plant.prediction.correlation_id is 'Id that follows this case through all stages.';
comment on column plant.prediction.causation_id is 'Id of the record that caused this prediction.';
comment on column plant.prediction.limit_at is 'When the limit is reached if the trend goes on, at the stated duty; null = not available or beyond a century.';

-- The newest ones carry the same comments.
do $$ declare one record; begin
  for one in select a.attname, col_description(a.attrelid, a.attnum) as text from pg_attribute a
    where a.attrelid = 'plant.prediction'::regclass and a.attnum > 0
  loop execute format('comment on column plant.prediction_now.%I is %L', one.attname, one.text); end loop;
end $$;
