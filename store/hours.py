"""Hours that hold readings, as of now: what the rollups know, and what is stored but not yet rolled up.

The keys of new rows are written with the rows and leave in the transaction that rolls them up: together nothing is missing.
"""

from typing import Final

SEEN: Final = """with seen as (select sensor_id, ts from store.rollup_1h union
  select sensor_id, date_trunc('hour', minute, 'UTC') from store.rollup_dirty union
  select sensor_id, date_trunc('hour', minute, 'UTC') from store.rollup_work)"""
HOURS: Final = f"""{SEEN} select a.name as asset, (extract(epoch from ts) * 1000000)::bigint as hour
  from seen join store.sensor using (sensor_id) join store.asset a using (asset_id)
  where ts >= to_timestamp(%(first)s) and ts < to_timestamp(%(last)s) group by 1, 2 order by 1, 2"""
ENDS: Final = f"{SEEN} select extract(epoch from min(ts)) as first, extract(epoch from max(ts)) + 3600 as last from seen"
