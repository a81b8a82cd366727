-- DataGrip 2025.2 when a data source is tested and opened.

SET extra_float_digits = 3

SET application_name = ''

-- rows 1
select version()

SET application_name = 'DataGrip 2025.2.3'

-- rows 1
select current_database() as a, current_schemas(false) as b

-- rows 1
SHOW TRANSACTION ISOLATION LEVEL

-- rows 1
select current_database(), current_schema(), current_user

-- rows 1
select current_database(), current_catalog, current_schema(), current_user

-- rows 1
select round(extract(epoch from pg_postmaster_start_time() at time zone 'UTC')) as startup_time
