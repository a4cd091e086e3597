"""Asks the Parquet files of a folder the questions of the evidence, with DuckDB and with pandas, and prints the answers
as JSON: requests, failures and quantiles by service, requests and failures by entry point, traces by root cause."""

import json
import sys

import duckdb
import pandas

folder = sys.argv[1]
spans, traces = f"{folder}/spans.parquet", f"{folder}/traces.parquet"


def by_duckdb():
    ask = duckdb.connect().execute
    services = ask(
        f"""SELECT service, count(*), count_if(request = 'failed'),
                   quantile_cont(duration_ns, [0.5, 0.95, 0.99])
            FROM '{spans}' WHERE request IS NOT NULL GROUP BY service ORDER BY service"""
    ).fetchall()
    entries = ask(
        f"""SELECT service, operation, count(*), count_if(entry_point = 'failed')
            FROM '{spans}' WHERE entry_point IS NOT NULL GROUP BY ALL ORDER BY service, operation"""
    ).fetchall()
    causes = ask(
        f"""SELECT signature, count(DISTINCT trace_id), count(DISTINCT trace_id) FILTER (t.failed)
            FROM '{spans}' s JOIN '{traces}' t USING (trace_id)
            WHERE s.signature IS NOT NULL GROUP BY s.signature ORDER BY s.signature""".replace(
            "SELECT signature", "SELECT s.signature"
        )
    ).fetchall()
    totals = ask(f"SELECT count(*), sum(spans), count_if(failed), sum(defects) FROM '{traces}'").fetchone()
    rows = ask(f"SELECT count(*) FROM '{spans}'").fetchone()
    return services, entries, causes, [*totals, *rows]


def by_pandas():
    s, t = pandas.read_parquet(spans), pandas.read_parquet(traces)
    services = [
        [name, len(rows), int((rows.request == "failed").sum()), list(rows.duration_ns.quantile([0.5, 0.95, 0.99]))]
        for name, rows in s[s.request.notna()].groupby("service")
    ]
    entries = [
        [*name, len(rows), int((rows.entry_point == "failed").sum())]
        for name, rows in s[s.entry_point.notna()].groupby(["service", "operation"])
    ]
    begun = s[s.signature.notna()][["signature", "trace_id"]].drop_duplicates().merge(t[["trace_id", "failed"]])
    causes = [[name, len(rows), int(rows.failed.sum())] for name, rows in begun.groupby("signature")]
    totals = [len(t), int(t.spans.sum()), int(t.failed.sum()), int(t.defects.sum()), len(s)]
    return services, entries, causes, totals


def plain(answers):
    services, entries, causes, totals = answers
    rounded = [[name, n, failed, [round(ns) for ns in quantiles]] for name, n, failed, quantiles in services]
    return {
        "services": rounded,
        "entry_points": [list(row) for row in entries],
        "root_causes": [list(row) for row in causes],
        "totals": [int(total) for total in totals],
    }


print(json.dumps({"duckdb": plain(by_duckdb()), "pandas": plain(by_pandas())}))
