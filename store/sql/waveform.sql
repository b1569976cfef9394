-- Waveforms in the archive: one row per object. A plain table on both flavours: few rows.
create table store.waveform (
  topic_id text not null, partition int not null, off bigint not null, nth int not null,
  waveform_id uuid not null unique,
  asset text not null, sensor text not null, ts timestamptz not null, known_at timestamptz not null,
  historical boolean not null, mode text not null,
  occasion text not null, condition_sensor text not null, detector text not null, kind text not null,
  rate_hz double precision not null, unit text not null, size int not null, samples int not null,
  address text not null, bytes int not null, sha256 text not null, kernel text not null,
  primary key (topic_id, partition, off, nth));
create index on store.waveform (sensor, ts);
create index on store.waveform (asset, ts);

create view plant.waveform as
  select waveform_id, asset, sensor, ts, rate_hz, samples, size, unit, occasion, condition_sensor, detector, kind, address, bytes, sha256,
    mode, historical, known_at, kernel
  from store.waveform;

comment on view plant.waveform is 'Waveforms in the archive: one where a level-1 condition of a sensor of frames began. The object is there before its row.';
comment on column plant.waveform.waveform_id is 'Id of the waveform: the same frame always has the same one.';
comment on column plant.waveform.asset is 'Asset, as in the topics.';
comment on column plant.waveform.sensor is 'Sensor whose frame it was, as in the topics.';
comment on column plant.waveform.ts is 'Event time of the first value, UTC.';
comment on column plant.waveform.rate_hz is 'Values per second.';
comment on column plant.waveform.samples is 'Values in the object.';
comment on column plant.waveform.size is 'Values of the frame: more than samples where it was too long and only its first values are kept.';
comment on column plant.waveform.unit is 'Unit of the values.';
comment on column plant.waveform.occasion is 'Why it was kept: begin (of a condition).';
comment on column plant.waveform.condition_sensor is 'Derived sensor whose condition began.';
comment on column plant.waveform.detector is 'Detector of the condition.';
comment on column plant.waveform.kind is 'Kind of the condition.';
comment on column plant.waveform.address is 'Where the object is: file:// or s3://, a file of NumPy (.npz).';
comment on column plant.waveform.bytes is 'Bytes of the object.';
comment on column plant.waveform.sha256 is 'SHA-256 of the object, hexadecimal.';
comment on column plant.waveform.mode is 'Operating mode of the asset; empty while it is not known.';
comment on column plant.waveform.historical is 'From a frame declared historical.';
comment on column plant.waveform.known_at is 'Kafka timestamp of the frame.';
comment on column plant.waveform.kernel is 'Version of the kernels that kept it.';
