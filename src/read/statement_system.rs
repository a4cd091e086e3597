//! Which language a database is asked in, and what it makes of quotes: by `db.system.name`, or `db.system` of older conventions.
//!
//! What is not listed here is read by nobody: in a language that is not known, any word may be a value.

/// How a system is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    /// By the name of a command and its arguments.
    Commands,
    /// In SQL.
    Sql(Quotes),
    /// The span names no system: SQL, if it begins as nothing else does.
    Untold,
    /// In another one.
    Other,
}

/// What a system makes of characters on which systems differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quotes {
    /// Names in double quotes, texts in dollar quotes, `[` of arrays.
    Postgres,
    /// Names in double quotes.
    Names,
    /// Texts in double quotes, comments behind `#`.
    MySql,
    /// Nobody knows.
    Unknown,
}

/// Systems that are asked by commands.
const BY_COMMAND: &[&str] = &["redis", "valkey", "keydb", "memcached", "dragonfly"];

/// PostgreSQL and those that read as it does, dollar quotes included.
const LIKE_POSTGRES: &[&str] = &["postgresql", "cockroachdb", "redshift", "aws.redshift"];

/// Systems in which nothing but a name stands in double quotes, whatever they are set to. Firebird has texts in them in its
/// dialect 1 (firebirdsql.org, Language Reference, "SQL Dialects"), Db2 for z/OS where `SQL STRING DELIMITER` says so.
const NAMES_IN_QUOTES: &[&str] = &[
    "oracle",
    "oracle.db",
    "cassandra",
    "trino",
    "presto",
    "snowflake",
    "hsqldb",
    "h2",
    "h2database",
    "derby",
    "vertica",
    "hanadb",
    "sap.hana",
];

/// Systems in which `#` begins a comment.
const LIKE_MYSQL: &[&str] = &["mysql", "mariadb", "tidb"];

/// Other systems that are asked in SQL. The first two rows are values of `db.system.name`, and the next three of `db.system`, of the
/// semantic conventions of OpenTelemetry (`model/database/registry.yaml`, and v1.24.0 of them), those that speak SQL and
/// have no other places for texts: `DynamoDB` has some in backticks, `InfluxDB` between slashes. Of the last row are systems that name
/// themselves so, and `sql`, which OpenTracing's conventions have for any (`db.type`).
#[rustfmt::skip]
const OTHER_SQL: &[&str] = &[
    "other_sql", "actian.ingres", "azure.cosmosdb", "clickhouse", "couchbase", "gcp.spanner", "hive", "ibm.db2", "ibm.informix",
    "ibm.netezza", "intersystems.cache", "firebirdsql", "microsoft.sql_server", "sap.maxdb", "sqlite", "teradata",
    "cache", "intersystems_cache", "cloudscape", "cosmosdb", "db2", "edb", "filemaker", "firebird", "firstsql", "informix",
    "ingres", "interbase", "maxdb", "mssql", "mssqlcompact", "netezza", "pervasive", "pointbase", "progress", "spanner",
    "sybase",
    "sql", "bigquery", "gcp.bigquery", "databricks", "duckdb", "sqlserver", "timescaledb", "yugabytedb",
];

impl Language {
    /// The language of a system.
    pub(super) fn of(system: &str) -> Self {
        let is = |systems: &[&str]| systems.iter().any(|known| known.eq_ignore_ascii_case(system));
        match () {
            () if system.trim().is_empty() => Self::Untold,
            () if is(BY_COMMAND) => Self::Commands,
            () if is(LIKE_POSTGRES) => Self::Sql(Quotes::Postgres),
            () if is(NAMES_IN_QUOTES) => Self::Sql(Quotes::Names),
            () if is(LIKE_MYSQL) => Self::Sql(Quotes::MySql),
            () if is(OTHER_SQL) => Self::Sql(Quotes::Unknown),
            () => Self::Other,
        }
    }
}
