//! The tables of the terminal report.

use crate::judge::checkup;
use crate::judge::evidence::Service;
use crate::judge::evidence_gate::Objective;
use crate::report::plain_text::fitted;
use crate::shared_sort::SharedSort;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// One line under the header and nothing else: rows are short, and every line costs a row of the screen.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

fn table(width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table
}

fn align_right(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// How many services are shown.
pub(crate) const SERVICES: usize = 100;

/// Requests, failures and durations of each service; of more than [`SERVICES`], those with most failures and requests.
pub(crate) fn services(services: &[Service], width: usize) -> Table {
    let mut table = table(width);
    table.set_header(["service", "requests", "failed", "p50 ms", "p95 ms", "p99 ms"]);
    let mut shown: Vec<&Service> = services.iter().collect();
    if shown.len() > SERVICES {
        shown.shared_sort_by_key(|service| std::cmp::Reverse((service.failed, service.requests)));
        shown.truncate(SERVICES);
        shown.shared_sort_by_key(|service| &service.service);
    }
    for service in shown {
        table.add_row([
            fitted(&service.service, width / 3),
            service.requests.to_string(),
            service.failed.to_string(),
            format!("{:.1}", service.p50_ms),
            format!("{:.1}", service.p95_ms),
            format!("{:.1}", service.p99_ms),
        ]);
    }
    align_right(&mut table, 1..6);
    table
}

/// Judged objectives: what came of each, its value on both sides, and the interval of the difference.
pub(crate) fn objectives(objectives: &[&Objective], width: usize) -> Table {
    let mut table = table(width);
    let wide = width >= WIDE;
    let mut header = vec!["", "", "entry point", "now", "before", "n"];
    if wide {
        header.extend(["difference", "p"]);
    }
    table.set_header(header);
    for objective in objectives {
        let ratio = objective.unit == "ratio";
        let number = |value: f64| if ratio { format!("{:.1} %", 100.0 * value) } else { format!("{value:.1} ms") };
        let value = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
        let measure = if ratio { "errors" } else { objective.name.split(' ').next().unwrap_or_default() };
        let place = format!("{} {}", objective.service, objective.operation);
        let mut row = vec![
            objective.result.clone(),
            measure.to_owned(),
            fitted(&place, (width / 2).saturating_sub(8)),
            value(objective.value),
            value(objective.baseline),
            format!("{}/{}", objective.n, objective.baseline_n),
        ];
        if wide {
            let scale = if ratio { 100.0 } else { 1.0 };
            row.push(objective.interval.map_or_else(
                || "-".to_owned(),
                |[lower, upper]| format!("{:+.1} to {:+.1}", scale * lower, scale * upper),
            ));
            let p = objective.p_adjusted.or(objective.p_value);
            row.push(
                p.map_or_else(|| "-".to_owned(), |p| if p < 0.001 { format!("{p:.0e}") } else { format!("{p:.3}") }),
            );
        }
        table.add_row(row);
    }
    align_right(&mut table, 3..8);
    table
}

/// From this many columns on there is room for languages and versions.
const WIDE: usize = 100;

/// What there is of each service.
pub(crate) fn service_telemetry(services: &[checkup::Service], width: usize) -> Table {
    let mut table = table(width);
    let mut header = vec!["service", "", "traces", "spans", "requests", "orphans", "logs", "traced"];
    if width >= WIDE {
        header.extend(["language", "version"]);
    }
    table.set_header(header);
    for service in services {
        let mut row = vec![
            fitted(&service.service, width / 3),
            service.grade.clone().unwrap_or_else(|| "-".to_owned()),
            service.traces.to_string(),
            service.spans.to_string(),
            service.requests.to_string(),
            service.orphans.to_string(),
            service.logs.records.to_string(),
            service.logs.with_trace.to_string(),
        ];
        if width >= WIDE {
            row.extend([&service.languages, &service.versions].map(|words| fitted(&words.join(", "), width / 8)));
        }
        table.add_row(row);
    }
    align_right(&mut table, 2..8);
    table
}
