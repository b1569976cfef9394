"""SQL of the measurement writer. The order in which it runs, and why, stands in sinks/measurement.py."""

from typing import Final

from processors.outcome import Flag
from sinks.rows import ROW

COLUMNS: Final = ", ".join(ROW.names or ())
REST: Final = [name for name in ROW.names or () if name not in ("sensor_id", "ts")]
COUNTED: Final = f"count(*) filter (where flags & {int(Flag.PART)} = 0)"  # a frame counts once, by its first row

TEMPORARY: Final = (
    f"create temp table stage on commit delete rows as select {COLUMNS} from store.measurement with no data",
    "create temp table rest (like stage) on commit delete rows",
    "create temp table old (like stage, primary key (sensor_id, ts)) on commit delete rows",
    "create temp table version (like stage, fresh boolean, newest boolean) on commit delete rows",
)

COPY: Final = f"copy store.measurement ({COLUMNS}) from stdin (format binary)"
COPY_STAGE: Final = f"copy stage ({COLUMNS}) from stdin (format binary)"

# stores what is absent; what the table refused goes to "rest"
STORE: Final = f"""with ins as (insert into store.measurement ({COLUMNS}) select {COLUMNS} from stage
    on conflict (sensor_id, ts) do nothing returning sensor_id, ts, source, off, known_at, flags),
  refused as (insert into rest select s.* from stage s left join ins using (sensor_id, ts, source, off) where ins.off is null)
  select source, date_trunc('minute', known_at, 'UTC'), {COUNTED}, count(*) from ins group by 1, 2"""

DAYS: Final = "select distinct date_trunc('day', ts, 'UTC') from rest order by 1"
# One day = one chunk or partition, excluded while planning; lateral with offset 0 = one index probe per row, whatever the
# statistics say (a plain join hashes the whole chunk; a probe over many chunks costs milliseconds each).
FIND: Final = f"""insert into old select m.* from rest k cross join lateral (select {COLUMNS} from store.measurement x
    where x.sensor_id = k.sensor_id and x.ts = k.ts and x.ts >= %s and x.ts < %s offset 0) m
  where k.ts >= %s and k.ts < %s and (m.source, m.off) <> (k.source, k.off)
    and (m.value, m.status) is distinct from (k.value, k.status) on conflict do nothing"""
ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(7301)"
FORGET: Final = "delete from old"
NO_LIMIT: Final = "set local timescaledb.max_tuples_decompressed_per_dml_transaction = 0"  # a placeholder without TimescaleDB

# every version of the contested keys once, in order of knowledge; one that equals its predecessor is a duplicate
JUDGE: Final = f"""insert into version
  with versions as (
    select o.*, false as fresh from old o
    union all
    select m.*, false from old k cross join lateral (select {COLUMNS} from store.measurement_revision x
      where x.sensor_id = k.sensor_id and x.ts = k.ts offset 0) m
    union all
    select r.*, true from rest r where exists (select from old o where (o.sensor_id, o.ts) = (r.sensor_id, r.ts))),
  once as (select distinct on (sensor_id, ts, known_at, source, off) * from versions
    order by sensor_id, ts, known_at, source, off, fresh),
  compared as (select *, lag(value) over w is not distinct from value and lag(status) over w is not distinct from status as same
    from once window w as (partition by sensor_id, ts order by known_at, source, off)),
  kept as (select *, lead(sensor_id) over (partition by sensor_id, ts order by known_at, source, off) is null as newest
    from compared where not same or not fresh)
  select {COLUMNS}, fresh, newest from kept"""
KEEP: Final = f"""insert into store.measurement_revision ({COLUMNS}) select {COLUMNS} from version where not newest
  on conflict do nothing"""
RENEW: Final = f"""insert into store.measurement ({COLUMNS}) select {COLUMNS} from version where fresh and newest
  on conflict (sensor_id, ts) do update set ({", ".join(REST)}) = ({", ".join(f"excluded.{name}" for name in REST)})"""
CORRECTED: Final = f"select source, date_trunc('minute', known_at, 'UTC'), {COUNTED}, count(*) from version where fresh group by 1, 2"
