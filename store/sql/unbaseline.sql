drop view plant.health;
drop view plant.health_part;
drop view plant.baseline;
drop view plant.baseline_history;
drop table store.baseline;
