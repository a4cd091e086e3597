//! The report as one HTML page: a first screen for whoever decides, and below it what an engineer checks.

mod action;
mod bar;
mod blast_radius;
mod cause_parts;
mod contrast;
mod distributions;
mod exception;
mod first_screen;
mod graph_layout;
mod hits;
mod interval_plot;
mod lists;
mod method;
mod objectives;
pub mod page;
mod path;
mod quality;
mod references;
mod root_cause;
mod seen_requests;
mod service_graph;
mod shift;
mod tables;
mod text;
mod timeline;
pub mod trace_url;
mod waterfall;
