//! The views of the information schema: the columns of each with their types, as version 16 of PostgreSQL has them.

use crate::postgres::catalogue::shapes::{Shape, view};

/// Views of the information schema that have rows.
pub(super) const INFORMATION: &[Shape] = &[
    view("information_schema_catalog_name", "catalog_name name"),
    view(
        "schemata",
        "catalog_name name, schema_name name, schema_owner name=playhead, default_character_set_catalog name, \
         default_character_set_schema name, default_character_set_name name, sql_path text",
    ),
    view(
        "tables",
        "table_catalog name, table_schema name, table_name name, table_type text, self_referencing_column_name name, \
         reference_generation text, user_defined_type_catalog name, user_defined_type_schema name, \
         user_defined_type_name name, is_insertable_into text=NO, is_typed text=NO, commit_action text",
    ),
    view(
        "columns",
        "table_catalog name, table_schema name, table_name name, column_name name, ordinal_position int4, \
         column_default text, is_nullable text=YES, data_type text, character_maximum_length int4, \
         character_octet_length int4, numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, \
         datetime_precision int4, interval_type text, interval_precision int4, character_set_catalog name, \
         character_set_schema name, character_set_name name, collation_catalog name, collation_schema name, \
         collation_name name, domain_catalog name, domain_schema name, domain_name name, udt_catalog name, \
         udt_schema name=pg_catalog, udt_name name, scope_catalog name, scope_schema name, scope_name name, \
         maximum_cardinality int4, dtd_identifier name, is_self_referencing text=NO, is_identity text=NO, \
         identity_generation text, identity_start text, identity_increment text, identity_maximum text, \
         identity_minimum text, identity_cycle text=NO, is_generated text=NEVER, generation_expression text, \
         is_updatable text=NO",
    ),
    view(
        "element_types",
        "object_catalog name, object_schema name, object_name name, object_type text=TABLE, \
         collection_type_identifier name, data_type text, character_maximum_length int4, udt_catalog name, \
         udt_schema name=pg_catalog, udt_name name, dtd_identifier name",
    ),
    view(
        "table_privileges",
        "grantor name=playhead, grantee name=PUBLIC, table_catalog name, table_schema name, table_name name, \
         privilege_type text=SELECT, is_grantable text=NO, with_hierarchy text=YES",
    ),
    view(
        "role_table_grants",
        "grantor name=playhead, grantee name=PUBLIC, table_catalog name, table_schema name, table_name name, \
         privilege_type text=SELECT, is_grantable text=NO, with_hierarchy text=YES",
    ),
    view("enabled_roles", "role_name name=playhead"),
];

/// Views of the information schema that never have rows.
pub(super) const INFORMATION_EMPTY: &[Shape] = &[
    view(
        "views",
        "table_catalog name, table_schema name, table_name name, view_definition text, check_option text, \
         is_updatable text, is_insertable_into text, is_trigger_updatable text, is_trigger_deletable text, \
         is_trigger_insertable_into text",
    ),
    view(
        "table_constraints",
        "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema name, \
         table_name name, constraint_type text, is_deferrable text, initially_deferred text, enforced text, \
         nulls_distinct text",
    ),
    view(
        "key_column_usage",
        "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema name, \
         table_name name, column_name name, ordinal_position int4, position_in_unique_constraint int4",
    ),
    view(
        "referential_constraints",
        "constraint_catalog name, constraint_schema name, constraint_name name, unique_constraint_catalog name, \
         unique_constraint_schema name, unique_constraint_name name, match_option text, update_rule text, \
         delete_rule text",
    ),
    view(
        "constraint_column_usage",
        "table_catalog name, table_schema name, table_name name, column_name name, constraint_catalog name, \
         constraint_schema name, constraint_name name",
    ),
    view(
        "constraint_table_usage",
        "table_catalog name, table_schema name, table_name name, constraint_catalog name, constraint_schema name, \
         constraint_name name",
    ),
    view(
        "check_constraints",
        "constraint_catalog name, constraint_schema name, constraint_name name, check_clause text",
    ),
    view(
        "column_privileges",
        "grantor name, grantee name, table_catalog name, table_schema name, table_name name, column_name name, \
         privilege_type text, is_grantable text",
    ),
    view(
        "role_column_grants",
        "grantor name, grantee name, table_catalog name, table_schema name, table_name name, column_name name, \
         privilege_type text, is_grantable text",
    ),
    view(
        "usage_privileges",
        "grantor name, grantee name, object_catalog name, object_schema name, object_name name, object_type text, \
         privilege_type text, is_grantable text",
    ),
    view(
        "routine_privileges",
        "grantor name, grantee name, specific_catalog name, specific_schema name, specific_name name, \
         routine_catalog name, routine_schema name, routine_name name, privilege_type text, is_grantable text",
    ),
    view(
        "routines",
        "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, \
         routine_name name, routine_type text, data_type text, type_udt_catalog name, type_udt_schema name, \
         type_udt_name name, routine_body text, routine_definition text, external_name text, external_language text, \
         is_deterministic text, security_type text",
    ),
    view(
        "parameters",
        "specific_catalog name, specific_schema name, specific_name name, ordinal_position int4, parameter_mode text, \
         is_result text, as_locator text, parameter_name name, data_type text, udt_catalog name, udt_schema name, \
         udt_name name, parameter_default text",
    ),
    view(
        "sequences",
        "sequence_catalog name, sequence_schema name, sequence_name name, data_type text, numeric_precision int4, \
         numeric_precision_radix int4, numeric_scale int4, start_value text, minimum_value text, maximum_value text, \
         increment text, cycle_option text",
    ),
    view(
        "triggers",
        "trigger_catalog name, trigger_schema name, trigger_name name, event_manipulation text, \
         event_object_catalog name, event_object_schema name, event_object_table name, action_order int4, \
         action_condition text, action_statement text, action_orientation text, action_timing text",
    ),
    view(
        "domains",
        "domain_catalog name, domain_schema name, domain_name name, data_type text, domain_default text, \
         udt_catalog name, udt_schema name, udt_name name",
    ),
    view(
        "view_table_usage",
        "view_catalog name, view_schema name, view_name name, table_catalog name, table_schema name, table_name name",
    ),
    view(
        "view_column_usage",
        "view_catalog name, view_schema name, view_name name, table_catalog name, table_schema name, table_name name, \
         column_name name",
    ),
    view(
        "user_defined_types",
        "user_defined_type_catalog name, user_defined_type_schema name, user_defined_type_name name, \
         user_defined_type_category text",
    ),
    view("applicable_roles", "grantee name, role_name name, is_grantable text"),
    view(
        "character_sets",
        "character_set_catalog name, character_set_schema name, character_set_name name, character_repertoire name",
    ),
    view(
        "collations",
        "collation_catalog name, collation_schema name, collation_name name, pad_attribute text",
    ),
    view(
        "foreign_tables",
        "foreign_table_catalog name, foreign_table_schema name, foreign_table_name name, foreign_server_catalog name, foreign_server_name name",
    ),
];
