-- Grafana: the version, the tables and columns that its builder offers, and what its macros become.

-- rows 1
SELECT current_setting('server_version_num')::int/100 as version

-- rows 50+
SELECT quote_ident(column_name) AS "column", data_type AS "type"
FROM information_schema.columns
WHERE
    CASE WHEN array_length(parse_ident('public.sessions'),1) = 2
        THEN quote_ident(table_schema) = (parse_ident('public.sessions'))[1] AND quote_ident(table_name) = (parse_ident('public.sessions'))[2]
        ELSE quote_ident(table_name) = 'public.sessions' AND quote_ident(table_schema) IN (
            SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
            FROM generate_series(
                array_lower(string_to_array(current_setting('search_path'),','),1),
                array_upper(string_to_array(current_setting('search_path'),','),1)
            ) as i, string_to_array(current_setting('search_path'),',') s
        )
    END

-- rows 6+
SELECT
    CASE WHEN
        quote_ident(table_schema) IN (
            SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
            FROM generate_series(
                array_lower(string_to_array(current_setting('search_path'),','),1),
                array_upper(string_to_array(current_setting('search_path'),','),1)
            ) as i, string_to_array(current_setting('search_path'),',') s
        )
        THEN quote_ident(table_name)
        ELSE quote_ident(table_schema) || '.' || quote_ident(table_name)
    END AS "table"
FROM information_schema.tables
WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache', '_timescaledb_catalog',
    '_timescaledb_internal', '_timescaledb_config', 'timescaledb_information', 'timescaledb_experimental')
ORDER BY
    CASE WHEN
        quote_ident(table_schema) IN (
            SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
            FROM generate_series(
                array_lower(string_to_array(current_setting('search_path'),','),1),
                array_upper(string_to_array(current_setting('search_path'),','),1)
            ) as i, string_to_array(current_setting('search_path'),',') s
        ) THEN 0 ELSE 1 END, 1

-- rows 1+
SELECT floor(extract(epoch from started_at)/86400)*86400 AS "time", count(*) AS value
FROM sessions
WHERE started_at BETWEEN '1990-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z'
GROUP BY 1
ORDER BY 1

-- rows 1+
SELECT started_at AS "time", content_name AS metric, content_time_spent
FROM sessions
WHERE extract(epoch from started_at) >= 631152000 AND extract(epoch from started_at) <= 4102444800
ORDER BY 1
