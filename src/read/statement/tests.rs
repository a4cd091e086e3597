//! What is left of statements. Every value in them says so: it begins with `secret`, or is 4711.

use super::*;

fn shown(system: &str, text: &str) -> String {
    cleaned(system, text).unwrap_or_else(|| "nothing".to_owned())
}

#[test]
fn values_of_statements_become_question_marks() {
    for (system, text, left) in [
        (
            "mysql",
            "SELECT a, 4711 FROM t WHERE b = 'secret' AND c<-4711.5e-7 LIMIT 4711",
            "SELECT a, ? FROM t WHERE b = ? AND c<? LIMIT ?",
        ),
        (
            "mysql",
            "INSERT INTO t (a, b) VALUES (4711, 'secret'), (?, ?), (%s, %(secret)s)",
            "INSERT INTO t (a, b) VALUES (?)",
        ),
        (
            "",
            "select * from t where id in (4711, 0x4711, 4711) and x = N'secret' and y=x'4711'",
            "select * from t where id in (?) and x = ? and y=?",
        ),
        (
            "postgresql",
            "SELECT \"u\".\"id\" FROM \"users\" \"u\" WHERE \"u\".\"mail\" = $1 AND n IN ($2, $3)",
            "SELECT \"u\".\"id\" FROM \"users\" \"u\" WHERE \"u\".\"mail\" = ? AND n IN (?)",
        ),
        (
            "mysql",
            "SELECT `id` FROM `users` WHERE name = \"secret\" # secret's",
            "SELECT `id` FROM `users` WHERE name = ?",
        ),
        ("other_sql", "SELECT \"users\" FROM t", "SELECT ? FROM t"),
        (
            "mssql",
            "SELECT [Order Details].[id] FROM [dbo].[Orders] WHERE a = @name AND b IN (@p0, @p1)",
            "SELECT [Order Details].[id] FROM [dbo].[Orders] WHERE a = @name AND b IN (?)",
        ),
        (
            "postgresql",
            "SELECT a[4711], ARRAY['secret', 'secret'], b::text, $$secret's$$, $q$secret$q$",
            "SELECT a[?], ARRAY[?], b::text, ?",
        ),
        (
            "cassandra",
            "SELECT * FROM t WHERE id = a23e4567-e89b-12d3-a456-426614174000 AND x=123e4567-e89b-12d3-a456-426614174000",
            "SELECT * FROM t WHERE id = ? AND x=?",
        ),
        (
            "mysql",
            "  \n UPDATE t\n  SET a = 'secret''s',\tb = '' ; DELETE FROM t",
            "UPDATE t SET a = ?, b = ? ; DELETE FROM t",
        ),
        ("", "(SELECT a FROM t) UNION (SELECT b FROM u)", "(SELECT a FROM t) UNION (SELECT b FROM u)"),
        ("", "SELECT 4711-4711, a - 4711, -4711", "SELECT ?, a - ?"),
        (
            "mysql",
            "WITH x AS (SELECT {d 'secret'}) SELECT * FROM x WHERE :a = :p4711",
            "WITH x AS (SELECT {d ?}) SELECT * FROM x WHERE :a = ?",
        ),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn comments_are_dropped() {
    for (system, text, left) in [
        ("", "/* don't: secret */ SELECT 1 -- it's secret\nFROM t /*secret='secret'*/", "SELECT ? FROM t"),
        ("postgresql", "SELECT 1 --secret\r\nFROM t", "SELECT ? FROM t"),
        ("mysql", "SELECT 1 # it's secret\nFROM t", "SELECT ? FROM t"),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn where_readings_part_the_rest_is_dropped() {
    for (system, text, left) in [
        ("mysql", "SELECT a FROM t WHERE n = 'secret\\'s' AND m = 'secret'", "SELECT a FROM t WHERE n = ? …"),
        ("postgresql", "SELECT a FROM t WHERE n = 'secret\\' AND m = 'secret'", "SELECT a FROM t WHERE n = ? …"),
        ("", "SELECT a FROM t WHERE n = 'secret\\\\' AND m = 'secret'", "SELECT a FROM t WHERE n = ? AND m = ?"),
        ("", "SELECT a FROM t WHERE n = 'x' AND m = 'cut off secr", "SELECT a FROM t WHERE n = ? …"),
        ("", "SELECT a FROM t WHERE n IN (1, 'x') AND m = 'cut off secr", "SELECT a FROM t WHERE n IN (? …"),
        ("", "SELECT 1 --5 'secret\nFROM t", "SELECT ? …"),
        ("", "SELECT 1 /* a /* b */ 'secret' */", "SELECT ? …"),
        ("mysql", "SELECT /*! 'secret' */ 1", "SELECT …"),
        ("", "SELECT /* never ends: secret", "SELECT …"),
        ("", "SELECT 1 # secret", "SELECT ? …"),
        ("oracle", "SELECT q'[secret's]' FROM t", "SELECT …"),
        ("mssql", "SELECT [secret's], 'x' FROM t", "SELECT …"),
        ("mysql", "SELECT $$secret$$", "SELECT …"),
        ("", "SELECT a FROM t WHERE b = ‘secret’", "SELECT a FROM t WHERE b = …"),
        ("", "SELECT `a'secret`", "SELECT …"),
        ("", "SELECT 1 // secret's", "SELECT ? …"),
        ("mssql", "EXEC dbo.login secret, 'secret'", "EXEC dbo.login …"),
        ("mssql", "EXEC dbo.purge", "EXEC dbo.purge"),
        ("other_sql", "SET app.tenant = secret", "SET app …"),
        ("other_sql", "SELECT 1; SET @tenant = secret", "SELECT ?; SET @tenant …"),
        ("other_sql", "PRAGMA key=secret", "PRAGMA key …"),
        ("oracle", "CREATE USER bob IDENTIFIED BY secret", "CREATE USER bob IDENTIFIED …"),
        ("", "SELECT password, identified, format, stdin FROM t", "SELECT password, identified, format, stdin FROM t"),
        ("clickhouse", "INSERT INTO t (format) FORMAT TSV 4711\tsecret", "INSERT INTO t (format) FORMAT …"),
        ("clickhouse", "INSERT INTO t FORMAT /*x*/ TSV 4711\tsecret", "INSERT INTO t FORMAT …"),
        ("postgresql", "COPY t FROM STDIN; secret", "COPY t FROM STDIN …"),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn names_in_brackets_end_where_all_say_so() {
    for (system, text, left) in [
        ("mssql", "SELECT [a -- b], 'x\nmy secret word' FROM t", "SELECT …"),
        ("mssql", "SELECT [a]]'b c], x FROM t WHERE x = 'my secret word' ORDER BY [a]]'b c]", "SELECT …"),
        ("mssql", "SELECT [a; SET secret] FROM t", "SELECT …"),
        ("mssql", "SELECT [a secret", "SELECT …"),
        ("postgresql", "SELECT a[b[4711]] FROM t", "SELECT a[b[?]] FROM t"),
        ("postgresql", "SELECT a ` b $$ it ` secret $$", "SELECT a …"),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn comments_end_where_all_say_so() {
    for (system, text, left) in [
        ("postgresql", "SELECT 1 /*/*/ bob secret */ */ FROM t", "SELECT ? …"),
        ("mssql", "SELECT 1 /*/*/ bob secret */ */ FROM t", "SELECT ? …"),
        ("mysql", "SELECT 1 /*/ secret */ FROM t", "SELECT ? FROM t"),
        ("tidb", "SELECT 1 /*T! , secret */ FROM t", "SELECT ? …"),
        ("mariadb", "SELECT 1 /*M! , secret */ FROM t", "SELECT ? …"),
        ("postgresql", "SELECT 1 -- a\r; SET x =\nsecret", "SELECT ? …"),
        ("mysql", "SELECT 1 --4711; SET x =\nsecret", "SELECT ? …"),
        ("other_sql", "SELECT 1 { bob secret } FROM t", "SELECT ? …"),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn values_without_quotes_are_dropped() {
    for (system, text, left) in [
        ("mssql", "EXEC dbo.purge--bob secret", "EXEC …"),
        ("mssql", "EXEC dbo.p-4711", "EXEC …"),
        ("postgresql", "ALTER ROLE bob SET app.api_key = hunter2", "ALTER ROLE bob SET app …"),
        ("postgresql", "ALTER DATABASE shop SET api_key TO hunter2", "ALTER DATABASE shop SET api_key …"),
        ("postgresql", "ALTER SYSTEM SET api_key = hunter2", "ALTER SYSTEM SET api_key …"),
        (
            "postgresql",
            "CREATE FUNCTION f() RETURNS int SET api_key = hunter2 AS $$secret$$",
            "CREATE FUNCTION f() RETURNS int SET api_key …",
        ),
        ("mssql", "DECLARE @a int SET @a = secret", "DECLARE @a int SET @a …"),
        ("mysql", "INSERT INTO t SET a = 4711, b = c", "INSERT INTO t SET a = ?, b = c"),
        ("oracle", "BEGIN CREATE USER bob IDENTIFIED /* x */ BY secret", "BEGIN CREATE USER bob IDENTIFIED …"),
        ("oracle", "EXPLAIN DROP USER bob IDENTIFIED BY secret", "EXPLAIN DROP USER bob IDENTIFIED BY …"),
        ("teradata", "EXPLAIN CREATE USER bob AS PASSWORD = secret", "EXPLAIN CREATE USER bob AS PASSWORD …"),
        (
            "clickhouse",
            "WITH x AS (SELECT 1) INSERT INTO t FORMAT TSV secret",
            "WITH x AS (SELECT ?) INSERT INTO t FORMAT …",
        ),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn quotes_that_may_hold_texts_are_none_of_names() {
    for (system, text, left) in [
        ("firebirdsql", "SELECT \"secret\" FROM t", "SELECT ? FROM t"),
        ("db2", "SELECT \"secret\" FROM t", "SELECT ? FROM t"),
        ("gcp.spanner", "SELECT '''it's my secret''' FROM t", "SELECT ? …"),
        ("bigquery", "SELECT \"\"\"a \"secret\" b\"\"\" FROM t", "SELECT ? …"),
        ("mysql", "SELECT '''secret''' FROM t", "SELECT ? FROM t"),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn languages_that_are_not_known_are_not_read() {
    for (system, text) in [
        ("pinecone", "show patients named Bob Smith"),
        ("neo4j", "CREATE (n:Patient) SET n.name = secret"),
        ("neo4j", "WITH secret AS n RETURN n"),
        ("garnet", "SET bob x"),
        ("influxdb", "SELECT a FROM t WHERE b =~ /secret/"),
        ("", "show patients named Bob Smith"),
        ("", "SET bob x"),
        ("mysql", ":secret"),
        ("postgresql", "@bob said"),
        ("mysql", "4711 SELECT secret"),
    ] {
        assert_eq!(cleaned(system, text), None, "{text}");
    }
    assert_eq!(shown("", "delete secret"), "delete …");
    assert_eq!(shown("", "DELETE FROM t"), "DELETE FROM t");
    assert_eq!(shown("PostgreSQL", "SHOW server_version"), "SHOW server_version");
}

#[test]
fn members_that_may_be_values_are_dropped() {
    for key in
        ["eyJhbGciOi.abc", "sk-live-secret", "sk_live_51Hx9aQ", "user4711", "secret.7", "a1_which_goes_on_for_so_long"]
    {
        assert_eq!(shown("mongodb", &format!(r#"{{"sessions": {{"{key}": 1}}}}"#)), "{sessions: {?: ?}}", "{key}");
    }
    let told = r#"{"$set": {"address.city": 1, "line2": 1, "min_should_match": 1}}"#;
    assert_eq!(shown("mongodb", told), "{$set: {address.city: ?, line2: ?, min_should_match: ?}}");
}

#[test]
fn what_is_no_statement_is_dropped() {
    for (system, text) in [
        ("", "secret"),
        ("", ""),
        ("neo4j", "MATCH (n) WHERE n.a = 'secret'"),
        ("", "'secret'"),
        ("redis", "secret key"),
        ("", "?"),
        ("", ";secret"),
    ] {
        assert!(
            cleaned(system, text).is_none_or(|left| !left.contains("secret")),
            "{text}: {:?}",
            cleaned(system, text)
        );
    }
    assert_eq!(cleaned("redis", "4711"), None);
}

#[test]
fn commands_keep_their_first_word_and_documents_their_names() {
    for (system, text, left) in [
        ("redis", "HMSET secret:4711 field secret", "HMSET ?"),
        ("redis", "set ? ?", "set ?"),
        ("redis", "GET secret\nSET secret secret", "GET ?"),
        ("memcached", "flush_all", "flush_all"),
        (
            "mongodb",
            r#"{"find": "secret", "filter": {"mail": "secret\"x", "age": {"$in": [4711, 4711]}, "secret@x": true}}"#,
            "{find: ?, filter: {mail: ?, age: {$in: [?]}, ?: ?}}",
        ),
        ("mongodb", r#"{"insert": ?, "documents": [{"a": ?}, ["secret"]]}"#, "{insert: ?, documents: [{a: ?}, [?]]}"),
        ("mongodb", "{'find': 'secret'}", "{ …"),
        ("mongodb", r#"{"_id": ObjectId("secret")}"#, "{_id: …"),
        ("elasticsearch", r#"{"query": {"match": {"title": "cut off secr"#, "{query: {match: {title: ? …"),
    ] {
        assert_eq!(shown(system, text), left, "{text}");
    }
}

#[test]
fn names_are_told_and_other_words_are_not() {
    for told in ["SELECT", "findAndModify", "SELECT shop.orders", "orders_2026"] {
        assert_eq!(name(told), Some(told));
    }
    for other in ["", "DELETE FROM t WHERE a='secret'", "4711", "0b7d8c5e-1111-4222-8333-123456789abc", &"x".repeat(65)]
    {
        assert_eq!(name(other), None, "{other}");
    }
}

#[test]
fn operations_of_commands_have_no_keys() {
    assert_eq!(operation("redis", "HGET secret"), Some("HGET"));
    assert_eq!(operation("redis", "secret"), None);
    assert_eq!(operation("mysql", "SELECT shop.orders"), Some("SELECT shop.orders"));
    assert_eq!(operation("", "SELECT 'secret'"), None);
    assert_eq!(operation("pinecone", "query patients named secret"), Some("query"));
}

#[test]
fn long_statements_are_cut() {
    let long = format!("SELECT {} FROM t", "column_with_a_name, ".repeat(500));
    let left = shown("", &long);
    assert!(left.len() <= 1024 && left.ends_with(" …"), "{left}");
}
