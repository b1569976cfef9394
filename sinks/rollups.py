"""Rollups by key: what the writers touched is computed anew, however old it is. The same statements on both flavours.

Writers append keys to store.rollup_dirty. A run takes all of them over into store.rollup_work under the exclusive form of the
lock that writers share (it waits for those in flight, milliseconds), then works them off in short transactions. A run that ends
half-way leaves its keys in store.rollup_work.
"""

from typing import Final

import psycopg

KEYS_MAX: Final = 5000  # of one transaction: about half a second
TAKE: Final = (
    "select pg_advisory_xact_lock(7303)",
    "insert into store.rollup_work select distinct sensor_id, minute from store.rollup_dirty on conflict do nothing",
    "truncate store.rollup_dirty",
    "update store.rollup_state set generation = generation + 1",
)
_COLUMNS: Final = "n, mean, min, max, last, good, score_max, rows"
_RENEW: Final = f"""on conflict (sensor_id, ts) do update
  set ({_COLUMNS}) = ({", ".join(f"excluded.{name}" for name in _COLUMNS.split(", "))})"""

MEAN_MAX: Final = "1e150"  # means leave out what is larger (and NaN): PostgreSQL squares it, and its overflow would end every refresh

# lateral with offset 0: one index range per key, whatever the statistics say
WORK: Final = f"""with k as (delete from store.rollup_work where (sensor_id, minute) in
    (select sensor_id, minute from store.rollup_work order by sensor_id, minute limit %s) returning sensor_id, minute),
  done as (insert into store.rollup_1m as r (sensor_id, ts, {_COLUMNS})
    select k.sensor_id, k.minute, a.* from k cross join lateral (
      select count(*) filter (where value <> 'NaN')::int, avg(value) filter (where abs(value) < {MEAN_MAX}),
        min(value) filter (where value <> 'NaN'), max(value) filter (where value <> 'NaN'),
        (array_agg(value order by ts desc) filter (where value <> 'NaN'))[1],
        (count(*) filter (where status >= 0 and status < 1073741824) / nullif(count(*), 0)::real)::real,
        max(score) filter (where score <> 'NaN'), count(*)::int
      from store.measurement m where m.sensor_id = k.sensor_id and m.ts >= k.minute and m.ts < k.minute + interval '1 minute' offset 0
    ) a ({_COLUMNS}) where a.rows > 0 {_RENEW} returning 1)
  select distinct sensor_id, date_trunc('hour', minute, 'UTC') from k"""
HOURS: Final = f"""insert into store.rollup_1h as r (sensor_id, ts, {_COLUMNS})
  select k.sensor_id, k.hour, a.* from unnest(%s::int[], %s::timestamptz[]) k (sensor_id, hour) cross join lateral (
    select sum(n)::int, sum(mean * n) / nullif(sum(n), 0), min(min), max(max), (array_agg(last order by ts desc) filter (where n > 0))[1],
      (sum(good * rows) / nullif(sum(rows), 0))::real, max(score_max), sum(rows)::int
    from store.rollup_1m m where m.sensor_id = k.sensor_id and m.ts >= k.hour and m.ts < k.hour + interval '1 hour' offset 0
  ) a ({_COLUMNS}) where a.rows > 0 {_RENEW}"""
NEWEST: Final = """update store.sensor s set newest_hour = k.hour
  from (select sensor_id, max(hour) as hour from unnest(%s::int[], %s::timestamptz[]) u (sensor_id, hour) group by 1 order by 1) k
  where s.sensor_id = k.sensor_id and (s.newest_hour is null or s.newest_hour < k.hour)"""


def refresh(connection: psycopg.Connection) -> int:
    """Bring both rollups up to date; returns the number of (sensor, hour) that changed. The caller sees that only one runs."""
    with connection.transaction():
        for statement in TAKE:
            connection.execute(statement)
    changed = 0
    while True:
        with connection.transaction():
            keys = connection.execute(WORK, (KEYS_MAX,)).fetchall()
            if not keys:
                return changed
            columns = [list(column) for column in zip(*keys, strict=True)]
            connection.execute(HOURS, columns)
            connection.execute(NEWEST, columns)
        changed += len(keys)
