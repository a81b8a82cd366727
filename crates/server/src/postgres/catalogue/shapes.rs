//! The tables of PostgreSQL's own catalogue: the columns of each with their types, as version 16 has them, and the value that
//! a column has where nothing else is said. Columns for which nothing is said are null.
//!
//! Most have no rows, because nothing of the kind exists here: no index, no constraint, no trigger.

/// A table of the catalogue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// Its number, where clients know it; 0 for the next free one.
    pub(super) oid: i64,
    /// Whether it is a view.
    pub(super) is_view: bool,
    /// `name type=value`, parted by commas.
    pub(super) columns: &'static str,
}

pub(super) const fn table(name: &'static str, oid: i64, columns: &'static str) -> Shape {
    Shape { name, oid, is_view: false, columns }
}

pub(super) const fn view(name: &'static str, columns: &'static str) -> Shape {
    Shape { name, oid: 0, is_view: true, columns }
}

/// The tables that have rows.
pub(super) const FILLED: &[Shape] = &[
    table("pg_namespace", 2615, "oid oid, nspname name, nspowner oid=10, nspacl text[]"),
    table(
        "pg_class",
        1259,
        "oid oid, relname name, relnamespace oid, reltype oid=0, reloftype oid=0, relowner oid=10, relam oid=2, \
         relfilenode oid=0, reltablespace oid=0, relpages int4=0, reltuples float4=-1, relallvisible int4=0, \
         reltoastrelid oid=0, relhasindex bool=f, relisshared bool=f, relpersistence char=p, relkind char=r, \
         relnatts int2=0, relchecks int2=0, relhasrules bool=f, relhastriggers bool=f, relhassubclass bool=f, \
         relrowsecurity bool=f, relforcerowsecurity bool=f, relispopulated bool=t, relreplident char=d, \
         relispartition bool=f, relrewrite oid=0, relfrozenxid int4=0, relminmxid int4=1, relacl text[], \
         reloptions text[], relpartbound text",
    ),
    table(
        "pg_attribute",
        1249,
        "attrelid oid, attname name, atttypid oid, attlen int2=-1, attnum int2, attcacheoff int4=-1, atttypmod int4=-1, \
         attndims int2=0, attbyval bool=f, attalign char=i, attstorage char=p, attcompression char, attnotnull bool=f, \
         atthasdef bool=f, atthasmissing bool=f, attidentity char, attgenerated char, attisdropped bool=f, \
         attislocal bool=t, attinhcount int2=0, attstattarget int2=-1, attcollation oid=0, attacl text[], \
         attoptions text[], attfdwoptions text[], attmissingval text[]",
    ),
    table(
        "pg_type",
        1247,
        "oid oid, typname name, typnamespace oid=11, typowner oid=10, typlen int2=-1, typbyval bool=f, typtype char=b, \
         typcategory char, typispreferred bool=f, typisdefined bool=t, typdelim char=comma, typrelid oid=0, \
         typsubscript regproc, typelem oid=0, typarray oid=0, typinput regproc, typoutput regproc, typreceive regproc, \
         typsend regproc, typmodin regproc, typmodout regproc, typanalyze regproc, typalign char=i, typstorage char=p, \
         typnotnull bool=f, typbasetype oid=0, typtypmod int4=-1, typndims int4=0, typcollation oid=0, \
         typdefaultbin text, typdefault text, typacl text[]",
    ),
    table(
        "pg_proc",
        1255,
        "oid oid, proname name, pronamespace oid=11, proowner oid=10, prolang oid=12, procost float4=1, prorows float4=0, \
         provariadic oid=0, prosupport oid=0, prokind char=f, prosecdef bool=f, proleakproof bool=f, \
         proisstrict bool=f, proretset bool=f, provolatile char=s, proparallel char=s, pronargs int2=0, \
         pronargdefaults int2=0, prorettype oid=2276, proargtypes oid[], proallargtypes oid[], proargmodes text[], \
         proargnames text[], proargdefaults text, protrftypes oid[], prosrc text, probin text, prosqlbody text, \
         proconfig text[], proacl text[]",
    ),
    table("pg_description", 2609, "objoid oid, classoid oid=1259, objsubid int4=0, description text"),
    table(
        "pg_database",
        1262,
        "oid oid, datname name, datdba oid=10, encoding int4=6, datlocprovider char=c, datistemplate bool=f, \
         datallowconn bool=t, datconnlimit int4=-1, datfrozenxid int4=0, datminmxid int4=1, dattablespace oid=1663, \
         datcollate text=C, datctype text=C, daticulocale text, daticurules text, datcollversion text, datacl text[]",
    ),
    table(
        "pg_authid",
        1260,
        "oid oid, rolname name, rolsuper bool=f, rolinherit bool=t, rolcreaterole bool=f, rolcreatedb bool=f, \
         rolcanlogin bool=t, rolreplication bool=f, rolbypassrls bool=f, rolconnlimit int4=-1, rolpassword text, \
         rolvaliduntil timestamptz",
    ),
    view(
        "pg_roles",
        "rolname name, rolsuper bool=f, rolinherit bool=t, rolcreaterole bool=f, rolcreatedb bool=f, rolcanlogin bool=t, \
         rolreplication bool=f, rolconnlimit int4=-1, rolpassword text=********, rolvaliduntil timestamptz, \
         rolbypassrls bool=f, rolconfig text[], oid oid",
    ),
    view(
        "pg_user",
        "usename name, usesysid oid, usecreatedb bool=f, usesuper bool=f, userepl bool=f, usebypassrls bool=f, \
         passwd text=********, valuntil timestamptz, useconfig text[]",
    ),
    view(
        "pg_tables",
        "schemaname name, tablename name, tableowner name=playhead, tablespace name, hasindexes bool=f, hasrules bool=f, \
         hastriggers bool=f, rowsecurity bool=f",
    ),
    view(
        "pg_stat_user_tables",
        "relid oid, schemaname name, relname name, seq_scan int8=0, last_seq_scan timestamptz, seq_tup_read int8=0, \
         idx_scan int8, last_idx_scan timestamptz, idx_tup_fetch int8, n_tup_ins int8=0, n_tup_upd int8=0, \
         n_tup_del int8=0, n_tup_hot_upd int8=0, n_tup_newpage_upd int8=0, n_live_tup int8=0, n_dead_tup int8=0, \
         n_mod_since_analyze int8=0, n_ins_since_vacuum int8=0, last_vacuum timestamptz, last_autovacuum timestamptz, \
         last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8=0, autovacuum_count int8=0, \
         analyze_count int8=0, autoanalyze_count int8=0",
    ),
    // The values of the connection take the place of `setting` when it is read.
    view(
        "pg_settings",
        "name text, setting text, unit text, category text=Ungrouped, short_desc text, extra_desc text, \
         context text=user, vartype text=string, source text=default, min_val text, max_val text, enumvals text[], \
         boot_val text, reset_val text, sourcefile text, sourceline int4, pending_restart bool=f",
    ),
    table("pg_am", 2601, "oid oid, amname name, amhandler regproc, amtype char"),
    table("pg_tablespace", 1213, "oid oid, spcname name, spcowner oid=10, spcacl text[], spcoptions text[]"),
    table(
        "pg_language",
        2612,
        "oid oid, lanname name, lanowner oid=10, lanispl bool=f, lanpltrusted bool=f, lanplcallfoid oid=0, \
         laninline oid=0, lanvalidator oid=0, lanacl text[]",
    ),
    table(
        "pg_collation",
        3456,
        "oid oid, collname name, collnamespace oid=11, collowner oid=10, collprovider char=c, \
         collisdeterministic bool=t, collencoding int4=-1, collcollate text, collctype text, colliculocale text, \
         collicurules text, collversion text",
    ),
];

/// The tables that never have rows.
pub(super) const EMPTY: &[Shape] = &[
    table("pg_attrdef", 2604, "oid oid, adrelid oid, adnum int2, adbin text"),
    table(
        "pg_constraint",
        2606,
        "oid oid, conname name, connamespace oid, contype char, condeferrable bool, condeferred bool, convalidated bool, \
         conrelid oid, contypid oid, conindid oid, conparentid oid, confrelid oid, confupdtype char, confdeltype char, \
         confmatchtype char, conislocal bool, coninhcount int2, connoinherit bool, conkey int2[], confkey int2[], \
         conpfeqop oid[], conppeqop oid[], conffeqop oid[], confdelsetcols int2[], conexclop oid[], conbin text",
    ),
    table(
        "pg_index",
        2610,
        "indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, indnullsnotdistinct bool, \
         indisprimary bool, indisexclusion bool, indimmediate bool, indisclustered bool, indisvalid bool, \
         indcheckxmin bool, indisready bool, indislive bool, indisreplident bool, indkey int2[], indcollation oid[], \
         indclass oid[], indoption int2[], indexprs text, indpred text",
    ),
    table("pg_inherits", 2611, "inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool"),
    table("pg_enum", 3501, "oid oid, enumtypid oid, enumsortorder float4, enumlabel name"),
    table(
        "pg_range",
        3541,
        "rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, rngcanonical regproc, \
         rngsubdiff regproc",
    ),
    table(
        "pg_trigger",
        2620,
        "oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, tgisinternal bool, \
         tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, tgdeferrable bool, tginitdeferred bool, tgnargs int2, \
         tgattr int2[], tgargs text, tgqual text, tgoldtable name, tgnewtable name",
    ),
    table(
        "pg_rewrite",
        2618,
        "oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead bool, ev_qual text, \
         ev_action text",
    ),
    table(
        "pg_policy",
        3256,
        "oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles oid[], polqual text, \
         polwithcheck text",
    ),
    table(
        "pg_sequence",
        2224,
        "seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, seqcache int8, \
         seqcycle bool",
    ),
    table(
        "pg_statistic_ext",
        3381,
        "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int2, stxkeys int2[], \
         stxkind text[], stxexprs text",
    ),
    table(
        "pg_partitioned_table",
        3350,
        "partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2[]",
    ),
    table(
        "pg_publication",
        6104,
        "oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, pubdelete bool, \
         pubtruncate bool, pubviaroot bool",
    ),
    table("pg_publication_rel", 6106, "oid oid, prpubid oid, prrelid oid, prqual text, prattrs int2[]"),
    table("pg_publication_namespace", 6237, "oid oid, pnpubid oid, pnnspid oid"),
    table(
        "pg_subscription",
        6100,
        "oid oid, subdbid oid, subname name, subowner oid, subenabled bool, subconninfo text",
    ),
    table(
        "pg_depend",
        2608,
        "classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, deptype char",
    ),
    table(
        "pg_shdepend",
        1214,
        "dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype char",
    ),
    table("pg_shdescription", 2396, "objoid oid, classoid oid, description text"),
    table("pg_seclabel", 3596, "objoid oid, classoid oid, objsubid int4, provider text, label text"),
    table("pg_init_privs", 3394, "objoid oid, classoid oid, objsubid int4, privtype char, initprivs text[]"),
    table(
        "pg_default_acl",
        826,
        "oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl text[]",
    ),
    table("pg_db_role_setting", 2964, "setdatabase oid, setrole oid, setconfig text[]"),
    table(
        "pg_auth_members",
        1261,
        "oid oid, roleid oid, member oid, grantor oid, admin_option bool, inherit_option bool, set_option bool",
    ),
    table(
        "pg_extension",
        3079,
        "oid oid, extname name, extowner oid, extnamespace oid, extrelocatable bool, extversion text, extconfig oid[], \
         extcondition text[]",
    ),
    table("pg_foreign_table", 3118, "ftrelid oid, ftserver oid, ftoptions text[]"),
    table(
        "pg_foreign_server",
        1417,
        "oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, srvacl text[], srvoptions text[]",
    ),
    table(
        "pg_foreign_data_wrapper",
        2328,
        "oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl text[], fdwoptions text[]",
    ),
    table("pg_user_mapping", 1418, "oid oid, umuser oid, umserver oid, umoptions text[]"),
    view("pg_user_mappings", "umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions text[]"),
    table(
        "pg_event_trigger",
        3466,
        "oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, evttags text[]",
    ),
    table(
        "pg_cast",
        2605,
        "oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char",
    ),
    table(
        "pg_operator",
        2617,
        "oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge bool, oprcanhash bool, \
         oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, oprcode regproc, oprrest regproc, \
         oprjoin regproc",
    ),
    table(
        "pg_opclass",
        2616,
        "oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, opcintype oid, \
         opcdefault bool, opckeytype oid",
    ),
    table("pg_opfamily", 2753, "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid"),
    table(
        "pg_amop",
        2602,
        "oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, amoppurpose char, amopopr oid, \
         amopmethod oid, amopsortfamily oid",
    ),
    table(
        "pg_amproc",
        2603,
        "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, amproc regproc",
    ),
    table(
        "pg_aggregate",
        2600,
        "aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, aggfinalfn regproc, aggsortop oid, \
         aggtranstype oid, agginitval text",
    ),
    table(
        "pg_conversion",
        2607,
        "oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, contoencoding int4, conproc regproc, \
         condefault bool",
    ),
    table("pg_ts_config", 3602, "oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid"),
    table(
        "pg_ts_dict",
        3600,
        "oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, dictinitoption text",
    ),
    table("pg_ts_parser", 3601, "oid oid, prsname name, prsnamespace oid, prsstart regproc"),
    table(
        "pg_ts_template",
        3764,
        "oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc",
    ),
    table("pg_largeobject_metadata", 2995, "oid oid, lomowner oid, lomacl text[]"),
    table("pg_transform", 3576, "oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc"),
    view("pg_views", "schemaname name, viewname name, viewowner name, definition text"),
    view(
        "pg_matviews",
        "schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes bool, ispopulated bool, \
         definition text",
    ),
    view("pg_indexes", "schemaname name, tablename name, indexname name, tablespace name, indexdef text"),
    view(
        "pg_sequences",
        "schemaname name, sequencename name, sequenceowner name, data_type text, start_value int8, min_value int8, \
         max_value int8, increment_by int8, cycle bool, cache_size int8, last_value int8",
    ),
    view("pg_rules", "schemaname name, tablename name, rulename name, definition text"),
    view(
        "pg_policies",
        "schemaname name, tablename name, policyname name, permissive text, roles text[], cmd text, qual text, \
         with_check text",
    ),
    view("pg_group", "groname name, grosysid oid, grolist oid[]"),
    view(
        "pg_stats",
        "schemaname name, tablename name, attname name, inherited bool, null_frac float4, avg_width int4, \
         n_distinct float4, correlation float4",
    ),
    view(
        "pg_locks",
        "locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, transactionid int4, \
         classid oid, objid oid, objsubid int2, virtualtransaction text, pid int4, mode text, granted bool, \
         fastpath bool, waitstart timestamptz",
    ),
    view("pg_prepared_xacts", "transaction int4, gid text, prepared timestamptz, owner name, database name"),
    view("pg_available_extensions", "name name, default_version text, installed_version text, comment text"),
    view(
        "pg_stat_activity",
        "datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, application_name text, \
         client_addr text, client_hostname text, client_port int4, backend_start timestamptz, xact_start timestamptz, \
         query_start timestamptz, state_change timestamptz, wait_event_type text, wait_event text, state text, \
         backend_xid int4, backend_xmin int4, query_id int8, query text, backend_type text",
    ),
    view(
        "pg_stat_gssapi",
        "pid int4, gss_authenticated bool, principal text, encrypted bool, credentials_delegated bool",
    ),
    view(
        "pg_stat_ssl",
        "pid int4, ssl bool, version text, cipher text, bits int4, client_dn text, client_serial int8, issuer_dn text",
    ),
    view(
        "pg_stat_replication",
        "pid int4, usesysid oid, usename name, application_name text, state text, sync_state text",
    ),
    view(
        "pg_replication_slots",
        "slot_name name, plugin name, slot_type text, datoid oid, database name, temporary bool, active bool",
    ),
    view(
        "pg_stat_user_indexes",
        "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, idx_tup_read int8, \
         idx_tup_fetch int8",
    ),
    view(
        "pg_seclabels",
        "objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, provider text, label text",
    ),
];
