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
