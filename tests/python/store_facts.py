"""Asks the Parquet files of all hours of a store, by a pattern, with DuckDB, and prints the answers as JSON."""

import json
import sys

import duckdb

folder = sys.argv[1]
spans, traces = f"'{folder}/spans-*.parquet'", f"'{folder}/traces-*.parquet'"
ask = duckdb.connect().execute
totals = ask(f"SELECT count(*), sum(spans), count_if(failed) FROM {traces}").fetchone()
services = ask(
    f"""SELECT service, count(*), count_if(request = 'failed')
        FROM {spans} WHERE request IS NOT NULL GROUP BY service ORDER BY service"""
).fetchall()
causes = ask(
    f"""SELECT signature, count(DISTINCT trace_id)
        FROM {spans} WHERE signature IS NOT NULL GROUP BY signature ORDER BY signature"""
).fetchall()
print(
    json.dumps(
        {
            "totals": [int(total) for total in totals],
            "spans": ask(f"SELECT count(*) FROM {spans}").fetchone()[0],
            "services": [list(row) for row in services],
            "root_causes": [list(row) for row in causes],
        }
    )
)
