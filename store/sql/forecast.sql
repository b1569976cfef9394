-- Key signals some hours ahead, in the row of the prediction that states them.
alter table store.prediction
  add column forecasts jsonb not null default '[]', add column forecast_from timestamptz, add column forecast_model text not null default '',
  add column forecast_version int not null default 0, add column forecast_digest text not null default '',
  add column forecast_reason text not null default '';

create or replace view plant.prediction as
  select
    asset, ts, method, health, maintenance_type, severity, limit_d, limit_low_d, limit_high_d, limit_sensor, limit_reason, rul_d, rul_h,
    rul_low_h, rul_high_h, rul_reason, p_failure_7d, p_failure_30d, p_failure_90d, p_reason, prediction_id, known_at, historical, mode,
    health_reason, parts, model, version, digest, inputs, outputs, fallback, limit_h, limit_low_h, limit_high_h, limit_mode, "limit",
    limit_kind, slope, score, target, since_h, hours, deviation, seed, candidates, coverage, duty, duty_days, "first", "last", windows,
    days, reference_begin, reference_known_at, kernel, correlation_id, causation_id,
    case when abs(limit_d) < 36500 then ts + limit_d * interval '1 day' end as limit_at,
    forecasts, forecast_from, forecast_model, forecast_version, forecast_digest, forecast_reason
  from store.prediction;

create or replace view plant.prediction_now as
  select distinct on (asset)
    asset, ts, method, health, maintenance_type, severity, limit_d, limit_low_d, limit_high_d, limit_sensor, limit_reason, rul_d, rul_h,
    rul_low_h, rul_high_h, rul_reason, p_failure_7d, p_failure_30d, p_failure_90d, p_reason, prediction_id, known_at, historical, mode,
    health_reason, parts, model, version, digest, inputs, outputs, fallback, limit_h, limit_low_h, limit_high_h, limit_mode, "limit",
    limit_kind, slope, score, target, since_h, hours, deviation, seed, candidates, coverage, duty, duty_days, "first", "last", windows,
    days, reference_begin, reference_known_at, kernel, correlation_id, causation_id, limit_at,
    forecasts, forecast_from, forecast_model, forecast_version, forecast_digest, forecast_reason
  from plant.prediction order by asset, ts desc;

create view plant.forecast as
  select p.asset, p.ts, f.sensor_id as sensor, f.ahead_h, p.forecast_from + (f.ahead_h - 1) * interval '1 hour' as hour, f.value, f.low,
    f.high, f.method, f.judged, f.error, f.naive_error, f.mean_error, f.model_error, p.forecast_model as model, p.forecast_version as version
  from store.prediction p cross join lateral jsonb_to_recordset(p.forecasts) as f (sensor_id text, ahead_h int, value double precision,
    low double precision, high double precision, method text, judged int, error double precision, naive_error double precision,
    mean_error double precision, model_error double precision);

comment on view plant.forecast is 'Key signals 1, 6 and 24 hours ahead as they were forecast, at most hourly. Filter by asset and ts.';
comment on column plant.prediction.forecasts is 'Key signals, those with a limit, 1, 6 and 24 hours ahead, as plant.forecast shows them.';
comment on column plant.prediction.forecast_from is 'End of the newest whole hour: the forecasts are made there; null = there are none.';
comment on column plant.prediction.forecast_model is 'Name of the model that was asked for forecasts; empty = none.';
comment on column plant.prediction.forecast_version is 'Its version; 0 = none.';
comment on column plant.prediction.forecast_digest is 'sha256 of its files, hexadecimal; empty = none.';
comment on column plant.prediction.forecast_reason is 'Why there are no forecasts, or why no model or not the best one was asked; empty when the champion answered.';
comment on column plant.prediction_now.forecasts is 'Key signals, those with a limit, 1, 6 and 24 hours ahead, as plant.forecast shows them.';
comment on column plant.prediction_now.forecast_from is 'End of the newest whole hour: the forecasts are made there; null = there are none.';
comment on column plant.prediction_now.forecast_model is 'Name of the model that was asked for forecasts; empty = none.';
comment on column plant.prediction_now.forecast_version is 'Its version; 0 = none.';
comment on column plant.prediction_now.forecast_digest is 'sha256 of its files, hexadecimal; empty = none.';
comment on column plant.prediction_now.forecast_reason is 'Why there are no forecasts, or why no model or not the best one was asked; empty when the champion answered.';
comment on column plant.forecast.asset is 'Asset, as in the topics.';
comment on column plant.forecast.ts is 'Event time of the prediction that states it.';
comment on column plant.forecast.sensor is 'Sensor, as in the topics.';
comment on column plant.forecast.ahead_h is 'Hours from forecast_from to the end of the hour.';
comment on column plant.forecast.hour is 'Begin of the hour whose mean is forecast.';
comment on column plant.forecast.value is 'Mean of that hour, unit of the sensor, over all modes.';
comment on column plant.forecast.low is 'Lower end of its interval of 90 %.';
comment on column plant.forecast.high is 'Upper end of its interval.';
comment on column plant.forecast.method is 'Whose forecast stands, the one with the smallest error on this signal''s last week: model, naive (last hour''s mean) or mean.';
comment on column plant.forecast.judged is 'Forecasts of the last week that could be judged by what came.';
comment on column plant.forecast.error is 'Their root mean square error, unit of the sensor.';
comment on column plant.forecast.naive_error is 'That of the naive forecast for the same hours.';
comment on column plant.forecast.mean_error is 'That of the mean for the same hours.';
comment on column plant.forecast.model_error is 'That of the model for the same hours; null = no model could be judged.';
comment on column plant.forecast.model is 'Name of the model that was asked; empty = none.';
comment on column plant.forecast.version is 'Its version; 0 = none.';
