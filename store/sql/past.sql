-- What the maintenance log of each class knows: one row = one class of one load; the newest load of a class counts.
create table store.class_history (
  class text not null, loaded_at timestamptz not null default now(),
  "begin" timestamptz not null, "end" timestamptz not null check ("end" > "begin"),
  assets int not null check (assets > 0), failures int not null check (failures >= 0),
  machine_days double precision not null check (machine_days > 0), source text not null,
  primary key (class, loaded_at));

create view plant.class_history as
  select class, "begin", "end", assets, failures, machine_days, source, loaded_at,
    loaded_at = max(loaded_at) over (partition by class) as current
  from store.class_history;

comment on view plant.class_history is 'Failures of each class by the plant''s own work orders (`maint predictions history`): what p_failure_* rests on without a model.';
comment on column plant.class_history.class is 'Class of the assets.';
comment on column plant.class_history."begin" is 'Begin of the period.';
comment on column plant.class_history."end" is 'End of the period; it no longer counts.';
comment on column plant.class_history.assets is 'Assets of the class that were in service when it was loaded.';
comment on column plant.class_history.failures is 'Their failures in the period.';
comment on column plant.class_history.machine_days is 'Those assets times the days of the period.';
comment on column plant.class_history.source is 'Name of the file.';
comment on column plant.class_history.loaded_at is 'When it was loaded.';
comment on column plant.class_history.current is 'True for the newest load of the class: the one that counts.';
