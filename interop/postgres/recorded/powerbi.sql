-- Power BI Desktop with the Npgsql that it brings: types, tables, columns, keys.

-- rows 20+
SELECT ns.nspname, a.typname, a.oid, a.typrelid, a.typbasetype,
    CASE WHEN pg_proc.proname='array_recv' THEN 'a' ELSE a.typtype END AS type,
    CASE
        WHEN pg_proc.proname='array_recv' THEN a.typelem
        WHEN a.typtype='r' THEN rngsubtype
        ELSE 0
    END AS elemoid,
    CASE
        WHEN pg_proc.proname IN ('array_recv','oidvectorrecv') THEN 3
        WHEN a.typtype='r' THEN 2
        WHEN a.typtype='d' THEN 1
        ELSE 0
    END AS ord
FROM pg_type AS a
JOIN pg_namespace AS ns ON (ns.oid = a.typnamespace)
JOIN pg_proc ON pg_proc.oid = a.typreceive
LEFT OUTER JOIN pg_class AS cls ON (cls.oid = a.typrelid)
LEFT OUTER JOIN pg_type AS b ON (b.oid = a.typelem)
LEFT OUTER JOIN pg_class AS elemcls ON (elemcls.oid = b.typrelid)
LEFT OUTER JOIN pg_range ON (pg_range.rngtypid = a.oid)
WHERE
    a.typtype IN ('b', 'r', 'e', 'd') OR
    (a.typtype = 'c' AND cls.relkind='c') OR
    (pg_proc.proname='array_recv' AND (
        b.typtype IN ('b', 'r', 'e', 'd') OR
        (b.typtype = 'p' AND b.typname IN ('record', 'void')) OR
        (b.typtype = 'c' AND elemcls.relkind='c')
    )) OR
    (a.typtype = 'p' AND a.typname IN ('record', 'void'))
ORDER BY ord

-- rows 0
/*** Load enum fields ***/
SELECT pg_type.oid, enumlabel
FROM pg_enum
JOIN pg_type ON pg_type.oid=enumtypid
ORDER BY oid, enumsortorder

-- rows 0
select character_set_name from INFORMATION_SCHEMA.character_sets where false

-- rows 7
select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE
from INFORMATION_SCHEMA.tables
where TABLE_SCHEMA not in ('information_schema', 'pg_catalog')
order by TABLE_SCHEMA, TABLE_NAME

-- rows 50+
select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE,
    case when (data_type like '%unsigned%') then DATA_TYPE || ' unsigned' else DATA_TYPE end as DATA_TYPE
from INFORMATION_SCHEMA.columns
where TABLE_SCHEMA = 'public' and TABLE_NAME = 'sessions'
order by TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION

-- rows 0
select pkcol.COLUMN_NAME as PK_COLUMN_NAME, fkcol.TABLE_SCHEMA AS FK_TABLE_SCHEMA, fkcol.TABLE_NAME AS FK_TABLE_NAME,
    fkcol.COLUMN_NAME as FK_COLUMN_NAME, fkcol.ORDINAL_POSITION as ORDINAL,
    fkcon.CONSTRAINT_SCHEMA || '_' || fkcol.TABLE_NAME || '_' || 'sessions' || '_' || fkcon.CONSTRAINT_NAME as FK_NAME
from
    (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name
        from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS) fkcon
    inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE fkcol
        on fkcon.CONSTRAINT_SCHEMA = fkcol.CONSTRAINT_SCHEMA and fkcon.CONSTRAINT_NAME = fkcol.CONSTRAINT_NAME
    inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE pkcol
        on fkcon.UNIQUE_CONSTRAINT_SCHEMA = pkcol.CONSTRAINT_SCHEMA and fkcon.UNIQUE_CONSTRAINT_NAME = pkcol.CONSTRAINT_NAME
where pkcol.TABLE_SCHEMA = 'public' and pkcol.TABLE_NAME = 'sessions' and pkcol.ORDINAL_POSITION = fkcol.ORDINAL_POSITION
order by FK_NAME, fkcol.ORDINAL_POSITION

-- rows 0
select i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME as INDEX_NAME, ii.COLUMN_NAME, ii.ORDINAL_POSITION,
    case when i.CONSTRAINT_TYPE = 'PRIMARY KEY' then 'Y' else 'N' end as PRIMARY_KEY
from INFORMATION_SCHEMA.table_constraints i
inner join INFORMATION_SCHEMA.key_column_usage ii
    on i.CONSTRAINT_SCHEMA = ii.CONSTRAINT_SCHEMA and i.CONSTRAINT_NAME = ii.CONSTRAINT_NAME
    and i.TABLE_SCHEMA = ii.TABLE_SCHEMA and i.TABLE_NAME = ii.TABLE_NAME
where i.TABLE_SCHEMA = 'public' and i.TABLE_NAME = 'sessions' and i.CONSTRAINT_TYPE in ('PRIMARY KEY', 'UNIQUE')
order by i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME, ii.TABLE_SCHEMA, ii.TABLE_NAME, ii.ORDINAL_POSITION

-- rows 1
select "_"."content_name", "_"."a0" from (
    select "rows"."content_name" as "content_name", sum("rows"."content_time_spent") as "a0"
    from (select "content_name", "content_time_spent" from "public"."sessions" "$Table") "rows"
    group by "content_name"
) "_" where not "_"."a0" is null limit 1
