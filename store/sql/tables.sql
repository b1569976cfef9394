-- Tables of both flavours. Readers never see schema store; they read the views of plant and ops.
create schema store;
create schema plant;
create schema ops;
comment on schema store is 'Tables of the platform. Not for readers: they change without notice.';
comment on schema plant is 'What the plant did: measurements, rollups, windows, evidence, episodes, sensors. Times are UTC.';
comment on schema ops is 'How the platform does: ledger, refused records, positions, jobs.';

create table store.flavour (
  flavour text primary key check (flavour in ('timescale', 'plain')),
  decided_at timestamptz not null default now());

create table store.asset (
  asset_id int generated always as identity primary key,
  name text not null unique,                    -- asset_id of the topics
  version bigint not null default -1,           -- of the catalogue entry
  site text, path text, class text, cmms_id text, criticality text) with (fillfactor = 80);

create table store.sensor (
  sensor_id int generated always as identity primary key,
  name text not null unique,                    -- sensor_id of the topics
  asset_id int references store.asset,
  quantity text, state text,                    -- as the data plane saw them last
  newest_hour timestamptz,                      -- newest hour with a row: where to look for the latest one
  version bigint not null default -1,           -- of the catalogue entry; what follows comes from it
  gateway text, class text, catalogued_quantity text, catalogued_state text, unit text,
  scale double precision, "offset" double precision,
  range_low double precision, range_high double precision,
  limit_ll double precision, limit_l double precision, limit_h double precision, limit_hh double precision,
  deadband double precision, rate_max double precision, resolution double precision,
  reporting text, period_s double precision, deep boolean) with (fillfactor = 80);
create index on store.sensor (asset_id);

-- One row = one partition of a consumed topic = the lock of the sink that writes from it.
create table store.position (
  topic text not null, partition int not null,
  topic_id text not null,                       -- Kafka's id: a topic made anew is another topic
  off bigint not null default 0,                -- next offset to read
  primary key (topic, partition)) with (fillfactor = 20);

-- One row = one partition of an input topic, as the blocks name it.
create table store.source (
  source smallint generated always as identity primary key,
  topic text not null, topic_id text not null, partition int not null,
  src_off bigint not null default -1,           -- newest input offset whose outcome is in the ledger
  gap_start bigint, gap_end bigint,             -- missing offsets [start, end), when blocks beyond them came
  gap_since timestamptz,
  retired_at timestamptz,                       -- the topic was made anew
  unique (topic_id, partition)) with (fillfactor = 20);
create unique index on store.source (topic, partition) where retired_at is null;

-- Every version of a reading that is not the current one. The nine columns in this order need no padding; any NULL would cost
-- more than it saves.
create table store.measurement_revision (
  sensor_id int not null, status int not null,  -- 32 bits of the OPC UA code, signed
  ts timestamptz not null, value double precision not null,   -- NaN = no value
  known_at timestamptz not null, off bigint not null,
  score real not null,                          -- NaN = not scored
  flags smallint not null, source smallint not null,
  primary key (sensor_id, ts, source, off));

create table store.ledger (
  source smallint not null, minute timestamptz not null,      -- of the Kafka timestamp
  stored bigint not null default 0, corrected bigint not null default 0, duplicate bigint not null default 0,
  rejected bigint not null default 0, mark bigint not null default 0,
  void bigint not null default 0, expired bigint not null default 0,
  late bigint not null default 0,               -- a flag, no outcome
  primary key (source, minute)) with (fillfactor = 50);

-- Rollups by key: the sink appends touched (sensor, minute), maintenance moves them to rollup_work and computes them anew.
create table store.rollup_state (generation bigint not null);
insert into store.rollup_state values (0);
create table store.rollup_dirty (sensor_id int not null, minute timestamptz not null);
create table store.rollup_work (sensor_id int not null, minute timestamptz not null, primary key (sensor_id, minute));
create table store.rollup_1m (
  sensor_id int not null, n int not null,       -- rows with a value
  ts timestamptz not null,
  mean double precision, min double precision, max double precision, last double precision,
  good real not null,                           -- share of rows with Good status
  score_max real,
  rows int not null,
  primary key (sensor_id, ts)) with (fillfactor = 80);
create table store.rollup_1h (like store.rollup_1m including all) with (fillfactor = 80);

create table store.rejection (
  topic text not null, topic_id text not null, partition int not null, off bigint not null, nth int not null,
  known_at timestamptz not null, reason text not null, detail text not null,
  key bytea, value bytea not null, length bigint not null, sha256 text not null, sensor text,
  claimed_at timestamptz,                       -- a replay is or was under way
  replayed_at timestamptz,                      -- its delivery was confirmed
  primary key (topic_id, partition, off, nth));
create index on store.rejection (known_at);
create index on store.rejection (reason) where replayed_at is null;

create table store.evidence (
  topic_id text not null, partition int not null, off bigint not null, nth int not null,
  asset text not null, sensor text not null, gateway text not null,
  detector text not null, kind text not null, subject text not null, phase text not null,
  ts timestamptz not null, since timestamptz not null, known_at timestamptz not null,
  value double precision not null, expected double precision not null,
  surprise double precision not null, threshold double precision not null,
  severity smallint not null, historical boolean not null, mode text not null, model text not null,
  contributions jsonb not null,
  primary key (topic_id, partition, off, nth));
create index on store.evidence (asset, ts);
create index on store.evidence (ts);

-- Up to a page, rows stay whole: numbers like these hardly shrink, and trying cost more than all the rest of the insert.
create table store.feature (
  topic_id text not null, partition int not null, off bigint not null, nth int not null,
  asset text not null, window_s int not null, start timestamptz not null, known_at timestamptz not null,
  historical boolean not null, mode text not null, kernel text not null,
  sensors text[] not null, n bigint[] not null, good real[] not null,
  mean double precision[] not null, std double precision[] not null, min double precision[] not null, max double precision[] not null,
  first double precision[] not null, last double precision[] not null, slope double precision[] not null, rms double precision[] not null,
  peak_to_peak double precision[] not null, kurtosis double precision[] not null, crest double precision[] not null,
  surprise real[] not null,
  primary key (topic_id, partition, off, nth)) with (toast_tuple_target = 8160);
create index on store.feature (asset, window_s, start);

create table store.episode (
  episode_id uuid primary key, revision int not null,
  asset text not null, subject text not null, detector text not null, kind text not null, phase text not null,
  start timestamptz not null, last timestamptz not null, "end" timestamptz, known_at timestamptz not null,
  severity smallint not null, surprise double precision not null, historical boolean not null, "grouped" int not null,
  contributions jsonb not null, mode text not null, model text not null, thresholds jsonb not null,
  quality double precision not null, correlation_id text not null, causation_id text not null) with (fillfactor = 70);
create index on store.episode (asset, start);
create index on store.episode (start);
create index on store.episode (phase) where phase <> 'close';
create table store.episode_step (like store.episode, primary key (episode_id, revision));

create table store.poison (
  topic text not null, topic_id text not null, partition int not null, off bigint not null,
  at timestamptz not null default now(), detail text not null, value bytea,
  primary key (topic_id, partition, off));

create table store.job (
  name text primary key, last_run timestamptz not null, last_success timestamptz, duration_s double precision not null,
  ok boolean not null, detail text not null);
