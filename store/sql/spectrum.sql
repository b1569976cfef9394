-- Spectra of vibration frames: hourly by sensor, and when a condition began or ended. A plain table on both flavours: few rows.
create table store.spectrum (
  topic_id text not null, partition int not null, off bigint not null, nth int not null,
  asset text not null, sensor text not null, ts timestamptz not null, known_at timestamptz not null,
  historical boolean not null, mode text not null, occasion text not null,
  rate_hz double precision not null, size int not null,
  kind text not null, unit text not null,
  first_hz double precision not null, df_hz double precision not null, enbw_lines double precision not null,
  band_low_hz double precision, band_high_hz double precision,
  amplitude real[] not null, kernel text not null,
  primary key (topic_id, partition, off, nth));
create index on store.spectrum (sensor, kind, ts);
create index on store.spectrum (asset, ts);
create index on store.spectrum (known_at);

create view plant.spectrum as
  select asset, sensor, ts, kind, unit, first_hz, df_hz, amplitude, enbw_lines, band_low_hz, band_high_hz, occasion, mode, historical,
    rate_hz, size, known_at, kernel
  from store.spectrum;

comment on view plant.spectrum is 'Spectra of vibration: hourly by sensor, and when a condition began or ended. Filter by sensor or asset, kind and ts.';
comment on column plant.spectrum.asset is 'Asset, as in the topics.';
comment on column plant.spectrum.sensor is 'Sensor, as in the topics.';
comment on column plant.spectrum.ts is 'Event time of the first value of the frame, UTC.';
comment on column plant.spectrum.kind is 'Kind: velocity, or envelope (squared envelope of the acceleration).';
comment on column plant.spectrum.unit is 'Unit of the amplitudes.';
comment on column plant.spectrum.first_hz is 'Frequency of the first line, Hz: line i of amplitude, from 1, lies at first_hz + (i - 1) * df_hz.';
comment on column plant.spectrum.df_hz is 'Distance of the lines, Hz.';
comment on column plant.spectrum.amplitude is 'Rms value of each line, at most 1600.';
comment on column plant.spectrum.enbw_lines is 'Sum of the squared amplitudes over this = mean square: 1.5, or 1 where neighbours were joined.';
comment on column plant.spectrum.band_low_hz is 'Envelope: lowest frequency of the band it was taken from; null = no envelope.';
comment on column plant.spectrum.band_high_hz is 'Envelope: highest frequency of the band it was taken from; null = no envelope.';
comment on column plant.spectrum.occasion is 'Why it was kept: hour, or condition (a level-1 condition of the sensor began or ended).';
comment on column plant.spectrum.mode is 'Operating mode of the asset; empty while it is not known.';
comment on column plant.spectrum.historical is 'From a frame declared historical.';
comment on column plant.spectrum.rate_hz is 'Values of the frame per second.';
comment on column plant.spectrum.size is 'Values of the frame.';
comment on column plant.spectrum.known_at is 'Kafka timestamp of the frame.';
comment on column plant.spectrum.kernel is 'Version of the kernels that computed it.';
