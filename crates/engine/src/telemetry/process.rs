//! What the process takes, as Prometheus' own client libraries tell it (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>):
//! read from `/proc/self` when it is asked for (proc(5)). On a system without it there are none of these.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rustix::param::{clock_ticks_per_second, page_size};

/// Reads them at each scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Some(seen) = Seen::of_this_process() else { return Ok(()) };
        let mut gauge = |name: &str, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge("process_resident_memory_bytes", "Memory that is in use and in RAM", seen.resident_bytes)?;
        gauge("process_virtual_memory_bytes", "Memory that is addressed", seen.virtual_bytes)?;
        gauge("process_threads", "Threads", seen.threads)?;
        gauge("process_start_time_seconds", "When it began, since 1970", seen.started_s)?;
        gauge("process_open_fds", "Open files, connections among them", seen.open_files)?;
        gauge("process_max_fds", "How many there may be", seen.max_files)?;
        let cpu = ConstCounter::new(seen.cpu_s);
        let help = "CPU that its threads took, by themselves and in the kernel";
        cpu.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, cpu.metric_type())?)
    }
}

struct Seen {
    cpu_s: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    threads: f64,
    started_s: f64,
    open_files: f64,
    max_files: f64,
}

impl Seen {
    fn of_this_process() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let limits = fs::read_to_string("/proc/self/limits").ok()?;
        let system = fs::read_to_string("/proc/stat").ok()?;
        let open_files = fs::read_dir("/proc/self/fd").ok()?.count();
        // What is counted is far below 2^52.
        Self::read(&stat, &limits, &system, open_files as f64, (clock_ticks_per_second() as f64, page_size() as f64))
    }

    /// The second field of `stat` is the program's name in brackets, which may hold spaces; the third one follows the last bracket.
    /// The kernel counts the start from its own, which is `btime` in `/proc/stat`. No limit is told as infinity.
    fn read(stat: &str, limits: &str, system: &str, open_files: f64, (ticks, page): (f64, f64)) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        let most = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next())?;
        let booted = system.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<f64>().ok())?;
        Some(Self {
            cpu_s: (number(14)? + number(15)?) / ticks,
            threads: number(20)?,
            started_s: booted + number(22)? / ticks,
            virtual_bytes: number(23)?,
            resident_bytes: number(24)? * page,
            open_files,
            max_files: if most == "unlimited" { f64::INFINITY } else { most.parse().ok()? },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read_as_it_is_written() {
        let stat =
            "17 (a) (b c) S 4 17 17 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 9 0 3000 8192000 250 18446744073709551615";
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 1048576              files\n";
        let seen = Seen::read(stat, limits, "cpu 1 2\nbtime 1700000000\n", 12.0, (100.0, 4096.0)).expect("it is whole");
        assert!((seen.cpu_s - 2.0).abs() < 1e-9 && (seen.threads - 9.0).abs() < 1e-9);
        assert!((seen.started_s - 1_700_000_030.0).abs() < 1e-3);
        assert!((seen.virtual_bytes - 8_192_000.0).abs() < 1e-3 && (seen.resident_bytes - 1_024_000.0).abs() < 1e-3);
        assert!((seen.open_files - 12.0).abs() < 1e-9 && (seen.max_files - 1024.0).abs() < 1e-9);
        assert!(Seen::read("17 (a) S 4", limits, "btime 1\n", 1.0, (100.0, 4096.0)).is_none());
    }

    #[test]
    fn this_process_is_seen() {
        let seen = Seen::of_this_process().expect("a /proc");
        assert!(seen.resident_bytes > 100_000.0 && seen.threads >= 1.0 && seen.open_files >= 3.0);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs_f64();
        assert!(seen.started_s > 0.0 && seen.started_s < now + 60.0, "{} and {now}", seen.started_s);
    }
}
